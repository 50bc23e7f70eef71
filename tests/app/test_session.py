import json
from datetime import date

import pytest
from typer.testing import CliRunner

from sim.app.session import Session
from sim.cli import app
from sim.scenario import load_scenario

PLATFORM = 'policies."Cangtian service platform"'


@pytest.fixture
def session():
    return Session(load_scenario("cangtian"))


def test_worlds_are_those_of_the_shell(session, tmp_path):
    session.set(PLATFORM, False)
    session.run_until(date(2012, 1, 31))
    session.advance(40)
    session.run_until(date(2016, 7, 31))
    options = ["--until", "2016-07-31", "--json", "--no-figures"]
    for world, name in enumerate(("cangtian", "cangtian-without-platform")):
        said = CliRunner().invoke(app, ["run", name, *options, "--out", str(tmp_path / name)])
        told = json.loads(said.output)
        here = json.loads(json.dumps(session.summary(world)))
        assert here["designations"] == told["designations"]
        assert here["years"] == told["years"]


def test_worlds_without_changes_are_the_same(session):
    session.run_until(date(2012, 6, 30))
    assert not session.differing().any()
    assert all(row.difference in (0.0, None) for row in session.differences())


def test_a_policy_changes_nothing_before_it_begins(session):
    session.set(PLATFORM, False)
    session.run_until(date(2017, 2, 28))
    assert not session.differing().any()
    session.run_until(date(2019, 6, 30))
    assert session.differing().any()


def test_a_change_brings_the_variant_to_the_same_day(session):
    session.run_until(date(2018, 6, 30))
    assert session.set(PLATFORM, False)
    afterwards = [row.variant for row in session.differences()]
    assert session.baseline.date == session.variant.date == date(2018, 7, 1)
    other = Session(load_scenario("cangtian"))
    other.set(PLATFORM, False)
    other.run_until(date(2018, 6, 30))
    assert [row.variant for row in other.differences()] == afterwards


def test_a_wrong_value_is_told_as_the_shell_tells_it(session):
    session.run_until(date(2009, 2, 28))
    for key, given in (
        ("behaviour.open_gain", "much"),
        ("observer.trailing_days", "0"),
        ("villages.Cangtian.people", "12"),
        (f"{PLATFORM}.start", "2031-01-01"),
        ("seed", "-1"),
        ("end", "2031-01-01"),
    ):
        assert not session.set(key, given)
        said = CliRunner().invoke(app, ["check", "cangtian", "--set", f"{key}={given}"])
        assert said.exit_code == 2
        assert f"Error: {session.choices.errors[key]}" in said.output
    assert session.choices.variant == session.choices.file
