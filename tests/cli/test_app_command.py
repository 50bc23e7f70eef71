import socket

import pytest
from typer.testing import CliRunner

from sim.app import server, serving
from sim.cli import app


def said_by(*arguments):
    result = CliRunner().invoke(app, ["app", *arguments])
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    return result.output


@pytest.fixture
def started(monkeypatch):
    """What would be served; no server starts."""
    calls = []

    def serve(listener, *, opens_browser):
        calls.append((listener.getsockname(), opens_browser))
        listener.close()

    monkeypatch.setattr(serving, "serve", serve)
    monkeypatch.setattr(serving, "SERVED", server.Served())
    return calls


def test_the_page_is_served_on_loopback_alone(started):
    result = CliRunner().invoke(app, ["app", "cangtian", "--port", "0", "--lang", "zh"])
    assert result.exit_code == 0
    (address, port), opens_browser = started[0]
    assert address == "127.0.0.1"
    assert opens_browser
    assert f"http://127.0.0.1:{port}/" in result.output
    assert (serving.SERVED.scenario, serving.SERVED.lang) == ("cangtian", "zh")


def test_the_browser_stays_closed_if_wanted(started):
    CliRunner().invoke(app, ["app", "--port", "0", "--no-open"])
    assert [opens for _, opens in started] == [False]


def test_a_taken_port_is_told(started):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        said = said_by("--port", port)
    assert f"--port {port}: " in said
    assert "0 for any one" in said
    assert not started


@pytest.mark.parametrize("port", ["65536", "-1", "many"])
def test_a_port_that_is_none_is_refused(started, port):
    assert "a whole number from 0 to 65535" in said_by("--port", port)
    assert not started


def test_the_scenario_is_checked_before_anything_starts(started):
    assert "no such scenario" in said_by("nowhere")
    assert "at most 1,000,000 households on the page" in said_by("china")
    assert not started


def test_an_unknown_language_is_refused(started):
    assert "en (English) or zh" in said_by("--lang", "fr")
    assert not started


def test_a_missing_extra_is_told_with_the_command_that_installs_it(started, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name="solara")

    monkeypatch.setattr("sim.experiments.extras.importlib.import_module", missing)
    assert "pip install 'villagesim[app]'" in said_by("--port", "0")
    assert not started
