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


@pytest.mark.parametrize("key", ["region.file", "region"])
def test_no_file_can_be_opened_by_a_value(session, key, tmp_path):
    given = f'"{tmp_path}"' if key == "region.file" else f'{{ file = "{tmp_path}" }}'
    assert not session.set(key, given)
    assert "which opens no files" in session.choices.errors[key]


def test_no_file_can_be_opened_as_a_policy(session, tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text("[[policies]]\n", encoding="utf-8")
    assert not session.add_policy(str(file))
    assert "one of villagesim list: cheaper-parcels" in session.choices.errors["policies"]
    assert session.choices.added == []


def test_a_policy_that_is_added_is_the_variants_alone(session):
    assert session.add_policy("startup-subsidy")
    names = [[p.name for p in w.scenario.policies] for w in session.worlds]
    assert len(names[1]) == len(names[0]) + 1
    key = next(name for name in names[1] if name not in names[0])
    assert session.set(f'policies."{key}"', False)
    assert session.variant.scenario.policies == session.baseline.scenario.policies


def test_a_policy_can_be_dated_while_it_is_off(session):
    session.set(PLATFORM, False)
    assert session.set(f"{PLATFORM}.start", "2015-03-01")
    assert session.variant.scenario.policies == ()
    assert session.set(PLATFORM, True)
    assert session.variant.scenario.policies[0].start == date(2015, 3, 1)


def test_a_value_of_the_file_is_no_change(session):
    session.set("villages.Cangtian.broadband_year", "2007")
    assert session.choices.changes
    session.set("villages.Cangtian.broadband_year", "2005")
    assert not session.choices.changes
    assert session.variant.scenario == session.baseline.scenario


def test_a_seed_is_that_of_both_worlds(session):
    session.run_until(date(2010, 6, 30))
    session.set("seed", "5")
    assert [world.model.seed for world in session.worlds] == [5, 5]
    assert session.last_date == date(2010, 6, 30)


def test_an_earlier_end_brings_both_worlds_back(session):
    session.set(PLATFORM, False)
    session.run_until(date(2018, 6, 30))
    assert session.set("end", "2018-02-28")
    assert [world.last_date for world in session.worlds] == [date(2018, 2, 28)] * 2
    assert session.is_over
