import json
import weakref
from datetime import date

import pytest

from sim.app.controller import Controller
from sim.app.links import Link, link_from
from sim.scenario import Scenario, load_scenario


class Screen:
    """Keeps what is published, as the page does."""

    def __init__(self, scenario, query="", lang="en"):
        self.parts = {}
        self.controller = Controller(scenario, lang, query, self.parts.update)
        self.controller.start()
        assert self.controller.wait()

    def act(self, do, **what):
        self.controller.act({"do": do, **what})
        assert self.controller.wait()
        return self.parts["status"]


@pytest.fixture
def show(tiny_file):
    screens = []

    def open_screen(query="", scenario=str(tiny_file), **how):
        screens.append(Screen(scenario, query, **how))
        return screens[-1]

    yield open_screen
    for screen in screens:
        screen.controller.close()


def test_time_moves_by_days_and_months_and_to_dates(show):
    screen = show()
    assert screen.act("step", days=1)["date"] == "2015-01-01"
    assert screen.act("step", days=0)["date"] == "2015-01-31"
    assert screen.act("go", day="2015-10-15")["date"] == "2015-10-15"
    assert screen.act("go", day="2015-02-03")["date"] == "2015-02-03"
    assert screen.act("end")["is_over"]
    assert screen.act("restart")["date"] == "2014-12-31"


def test_playing_ends_at_the_last_day(show):
    screen = show()
    screen.act("speed", name="week")
    screen.controller.act({"do": "play"})
    while not screen.parts["status"]["is_over"]:
        screen.controller.act({"do": "drawn"})
    assert screen.controller.wait()
    assert not screen.parts["status"]["playing"]
    assert screen.parts["status"]["date"] == "2015-12-31"


def test_only_what_has_changed_is_published(show):
    screen = show()
    screen.act("step", days=40)
    screen.parts.clear()
    screen.act("search", text="maker", page=0, only=False)
    assert set(screen.parts) <= {"status", "table"}


def test_a_wrong_date_is_told_and_harms_nothing(show):
    screen = show()
    assert "2015-01-01 to 2015-12-31" in screen.act("go", day="soon")["error"]
    assert screen.act("go", day="2015-03-01")["error"] == ""


def test_unknown_deeds_and_scenarios_harm_nothing(show):
    screen = show()
    screen.act("nothing of the kind")
    assert "villagesim list" in screen.act("scenario", name="/etc/passwd")["error"]
    assert screen.act("step", days=1)["date"] == "2015-01-01"


def test_worlds_of_two_visitors_are_their_own(show):
    one, other = show(), show()
    one.act("set", key="behaviour.open_gain", value="2.5")
    one.act("step", days=50)
    assert other.parts["status"]["date"] == "2014-12-31"
    assert other.parts["choices"]["values"] == {}


def test_a_link_restores_everything(show):
    screen = show()
    screen.act("set", key="behaviour.open_gain", value="2.5")
    screen.act("set", key="seed", value="11")
    screen.act("add_policy", name="storage")
    screen.act("go", day="2015-11-20")
    screen.act("household", name="operator 3")
    screen.act("language", code="zh")
    screen.act("speed", name="day")
    again = show(screen.parts["status"]["link"])
    for part in ("numbers", "table", "life", "charts", "choices", "line", "status"):
        shown = screen.parts[part]
        if part == "status":
            shown = {**shown, "deeds": again.parts[part]["deeds"]}
        assert again.parts[part] == shown


@pytest.mark.parametrize("village", ["East", "West"])
def test_a_link_restores_the_village(show, hamlets, village):
    screen = show(scenario=str(hamlets))
    screen.act("village", path=f"T/{village}")
    again = show(screen.parts["status"]["link"], scenario=str(hamlets))
    assert again.parts["story"]["village"] == f"P/Q/C/T/{village}"


def test_a_link_with_a_wrong_value_marks_it(show):
    screen = show("set=behaviour.open_gain%3Dmuch&set=seed%3D5&until=2015-02-10")
    assert set(screen.parts["choices"]["errors"]) == {"behaviour.open_gain"}
    assert screen.parts["choices"]["values"] == {"seed": "5"}
    assert screen.parts["status"]["date"] == "2015-02-10"


def test_a_damaged_link_is_read_as_far_as_it_goes():
    link = link_from("?scenario=a%00b&set=nothing&set=policies.%22a%3Db%22%3Dfalse&until=soon")
    assert link == Link(changes=(('policies."a=b"', "false"),))
    assert link_from(link.query()).changes == link.changes


def test_of_a_link_without_end_the_beginning_is_read():
    assert link_from("village=West&" + "set=a%3D1&" * 5000).village == "West"


def test_all_that_a_picture_sends_is_bounded(show, hamlets):
    screen = show(scenario=str(hamlets))
    screen.act("end")
    assert {chart["name"] for chart in screen.parts["charts"]} == {
        "map", "stores", "sales", "season", "incomes", "sizes", "network"
    }  # fmt: skip
    assert len(json.dumps([screen.parts["charts"], screen.parts["table"]])) < 200_000


def test_worlds_that_are_replaced_are_let_go(show):
    screen = show()
    gone = []
    for number in range(3):
        gone.append(weakref.ref(screen.controller.session.variant.model))
        screen.act("set", key="behaviour.open_gain", value=str(2.0 + 0.1 * number))
        gone.append(weakref.ref(screen.controller.session.baseline.model))
        screen.act("restart")
    gone.append(weakref.ref(screen.controller.session.baseline.model))
    screen.act("scenario", name="bayberry")
    assert [model() for model in gone] == [None] * 7


def test_downloaded_scenarios_are_those_of_the_worlds(show, tmp_path):
    screen = show()
    screen.act("set", key="behaviour.open_gain", value="2.5")
    for number, world in enumerate(("baseline", "variant")):
        screen.act("download", what=world)
        file = tmp_path / screen.parts["file"]["name"]
        file.write_bytes(screen.parts["file"]["content"])
        assert load_scenario(file) == screen.controller.session.worlds[number].scenario
    gains = [w.scenario.behaviour.get("open_gain") for w in screen.controller.session.worlds]
    assert gains == [None, 2.5]


def test_controls_are_made_for_every_kind_of_value(show):
    screen = show("scenario=cangtian")
    controls = {control["key"]: control for control in screen.parts["controls"]}
    gain = controls["behaviour.open_gain"]
    assert gain["low"] < gain["value"] < gain["high"]
    assert "–" in gain["range"]
    assert controls['policies."Cangtian service platform".start']["value"] == "2017-03-01"
    assert controls['policies."Cangtian service platform".storage']["kind"] == "switch"
    assert controls["observer.rule"]["choices"] == ("strict", "published")
    scenario = screen.controller.session.choices.file
    assert isinstance(scenario, Scenario)
    assert scenario.start == date(2009, 1, 1)
