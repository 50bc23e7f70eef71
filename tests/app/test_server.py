import gzip
import hashlib

import pytest

from sim.app import server

pytest.importorskip("solara")


def test_the_bundle_is_what_its_page_says():
    text = (server.BUNDLE / "README.md").read_text(encoding="utf-8")
    assert len(server.bundled()) == 3
    for name in server.bundled():
        content = gzip.decompress((server.BUNDLE / f"{name}.gz").read_bytes())
        assert f"`{name}`" in text
        assert hashlib.sha256(content).hexdigest() in text


def test_the_bundle_has_what_solara_asks_for():
    """Its page names files by their folder; what is not here is not to be needed."""
    import solara.server

    template = solara.server.__path__[0] + "/templates/solara.html.j2"
    with open(template, encoding="utf-8") as file:
        asked = [line for line in file if "{{cdn}}" in line and "vuetify-app" not in line]
    named = {line.partition("{{cdn}}")[2].partition('"')[0] for line in asked}
    scripts = {name.rpartition("/")[2] for name in named}
    assert {name for name in scripts if name.endswith(".js")} <= server.bundled()


def test_an_old_library_is_refused(monkeypatch):
    import ipyvue

    monkeypatch.setattr(ipyvue, "__version__", "1.11.2")
    with pytest.raises(server.RunError, match=r"pip install --upgrade 'villagesim\[app\]'"):
        server.check_libraries()


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")])
def test_an_address_that_can_be_opened_is_told(host, shown):
    with server.open_port(host, 0) as listener:
        port = listener.getsockname()[1]
        assert server.url_of(listener) == f"http://{shown}:{port}/"


def test_an_address_of_elsewhere_is_refused():
    elsewhere = "192.0.2.1"  # kept for examples; no computer has it
    with pytest.raises(server.RunError, match="an address of this computer"):
        server.open_port(elsewhere, 0)


def test_a_port_that_is_taken_is_refused():
    with server.open_port(server.LOOPBACK, 0) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(server.RunError, match="a port that is free"):
            server.open_port(server.LOOPBACK, port)
