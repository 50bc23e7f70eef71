"""The page as people use it, in a browser without a window."""

import json
import xml.etree.ElementTree as ET
import zipfile
from urllib.parse import urlencode

import pytest
from typer.testing import CliRunner

from sim.cli import app
from sim.scenario import load_scenario

PLATFORM = 'policies."Cangtian service platform"'
WITHOUT = urlencode({"scenario": "cangtian", "set": f"{PLATFORM}=false"})


def at(name):
    return f"[data-test={name}]"


def number(page, name, column):
    """What the table of both worlds says: column 1 is the baseline, 2 the variant."""
    row = page.locator(f"{at('numbers')} tbody tr").filter(
        has=page.get_by_role("rowheader", name=name, exact=True)
    )
    return row.locator("th, td").nth(column).inner_text()


def go(page, day):
    page.fill(at("goal"), day)
    page.click(at("go"))
    page.wait_for_function(
        "day => document.querySelector('[data-test=date]').textContent === day", arg=day
    )
    page.wait_for_selector(at("play"))


def saved(page, name, folder):
    with page.expect_download() as waiting:
        page.click(at(name))
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return file


def test_the_page_asks_nobody_else(visit, address):
    asked = []
    page = visit(asked=asked)
    assert page.title() == "Cangtian: sanitary ware and a service platform – villagesim"
    assert all(url.startswith((address, "blob:", "data:")) for url in asked)
    assert any(url.endswith(".js") for url in asked)


def test_the_first_page_is_that_of_the_command(visit):
    page = visit("")
    assert page.inner_text("h1") == "Three hamlets on a map"
    page.select_option(at("scenario"), "bayberry")
    page.wait_for_function("document.querySelector('h1').textContent === 'Bayberries of Cixi'")


def test_numbers_are_those_of_the_shell(visit, tmp_path):
    page = visit(WITHOUT)
    go(page, "2017-07-31")
    options = ["--until", "2017-07-31", "--json", "--no-figures", "--out", str(tmp_path / "run")]
    told = json.loads(CliRunner().invoke(app, ["run", "cangtian", *options]).output)
    designation, year = told["designations"][0], told["years"]["2017"]
    assert designation["listed_on"]
    assert number(page, "thresholds crossed", 1) == designation["crossed_on"]
    assert number(page, "on the list", 1) == designation["listed_on"]
    assert number(page, "active stores", 1) == f"{year['active_stores']:,}"
    other = ["run", "cangtian-without-platform", *options]
    told = json.loads(CliRunner().invoke(app, other).output)
    assert number(page, "active stores", 2) == f"{told['years']['2017']['active_stores']:,}"
    assert number(page, "active stores", 2) != number(page, "active stores", 1)


def test_play_and_pause_and_steps_move_time(visit):
    page = visit()
    page.click(at("day"))
    page.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2009-01-01'"
    )
    page.click(at("month"))
    page.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2009-01-31'"
    )
    page.click(at("play"))
    page.wait_for_function("document.querySelector('[data-test=date]').textContent > '2009-06'")
    page.click(at("pause"))
    page.wait_for_selector(at("play"))
    page.click(at("end"))
    page.wait_for_selector(f"{at('play')}:disabled")
    assert page.inner_text(at("date")) == "2019-12-31"


def test_a_slider_changes_the_variant_alone(visit):
    page = visit()
    go(page, "2013-12-31")
    page.fill(at("search-values"), "behaviour.open_gain")
    slider = page.locator('[data-key="behaviour.open_gain"] input[type=range]')
    before = number(page, "active stores", 1)
    slider.focus()
    slider.press("End")
    page.wait_for_selector('[data-key="behaviour.open_gain"].vs-changed')
    assert number(page, "active stores", 1) == before
    assert number(page, "active stores", 2) != before
    assert "differs" in page.inner_text(f"{at('households')} tbody")
    page.click(at("reset"))
    page.wait_for_selector('[data-key="behaviour.open_gain"]:not(.vs-changed)')
    assert number(page, "active stores", 2) == before


def test_a_wrong_value_is_marked_at_its_field(visit):
    page = visit()
    page.fill(at("search-values"), "behaviour.open_gain")
    field = page.locator('[data-key="behaviour.open_gain"] input[type=text]')
    field.fill("much")
    field.press("Enter")
    message = page.locator('[data-key="behaviour.open_gain"] [role=alert]')
    message.wait_for()
    said = CliRunner().invoke(app, ["check", "cangtian", "--set", "behaviour.open_gain=much"])
    assert said.output.strip() == f"Error: {message.inner_text()}"
    assert field.get_attribute("aria-invalid") == "true"
    assert field.get_attribute("aria-describedby") == message.get_attribute("id")
    assert field.input_value() == "much"
    page.fill(at("goal"), "2031-01-01")
    page.click(at("go"))
    assert "2009-01-01 to 2019-12-31" in page.inner_text(at("error"))


def test_fields_of_a_policy_that_is_off_wait_for_it(visit):
    page = visit(WITHOUT)
    fields = page.locator(f"[data-key='{PLATFORM}.start'] input[type=text]")
    assert fields.is_disabled()
    page.locator(f"[data-key='{PLATFORM}'] input").check()
    page.wait_for_selector(f"[data-key='{PLATFORM}']:not(.vs-changed)")
    assert fields.is_enabled()


def test_a_link_to_what_is_not_there_lets_one_choose(visit, address):
    page = visit()
    page.goto(f"{address}?scenario=nowhere")
    page.wait_for_selector(at("error"))
    assert "one of villagesim list" in page.inner_text(at("error"))
    assert page.locator(".vs-wait").count() == 0
    page.select_option(at("scenario"), "bayberry")
    page.wait_for_selector(at("numbers"))


def test_scenarios_run_from_the_shell_to_the_same_numbers(visit, tmp_path):
    page = visit(WITHOUT)
    go(page, "2018-06-30")
    file = saved(page, "save-variant", tmp_path)
    assert not load_scenario(file).policies
    options = ["--until", "2018-06-30", "--json", "--no-figures", "--out", str(tmp_path / "run")]
    told = json.loads(CliRunner().invoke(app, ["run", str(file), *options]).output)
    assert number(page, "active stores", 2) == f"{told['years']['2018']['active_stores']:,}"
    assert number(page, "active stores", 1) != number(page, "active stores", 2)


def test_tables_and_charts_are_saved(visit, tmp_path):
    page = visit()
    go(page, "2010-01-31")
    with zipfile.ZipFile(saved(page, "save-csv", tmp_path)) as tables:
        assert {"baseline/villages.csv", "variant/households.csv"} <= set(tables.namelist())
        assert tables.read("baseline/villages.csv").count(b"\n") == 14
    with page.expect_download() as waiting:
        page.click("[data-chart=stores] button")
    chart = tmp_path / "chart.svg"
    waiting.value.save_as(chart)
    assert ET.parse(chart).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_link_brings_the_page_back(visit):
    page = visit(WITHOUT)
    go(page, "2018-03-31")
    page.locator(f"{at('households')} tbody .vs-link").first.click()
    page.wait_for_selector(at("life"))
    link = page.input_value(at("link"))
    again = visit(link.partition("?")[2])
    again.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2018-03-31'"
    )
    again.wait_for_selector(at("play"))
    again.wait_for_selector(at("life"))
    for name in ("numbers", "life", "households"):
        assert again.inner_text(at(name)) == page.inner_text(at(name))
    assert again.input_value(at("link")) == link


def test_a_scenario_that_is_too_large_leaves_the_page_as_it_is(visit):
    page = visit()
    page.select_option(at("scenario"), "china")
    page.wait_for_selector(at("error"))
    assert "at most 1,000,000 households" in page.inner_text(at("error"))
    assert page.input_value(at("scenario")) == "cangtian"
    page.click(at("day"))
    page.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2009-01-01'"
    )


def test_two_visitors_have_worlds_of_their_own(visit):
    one, other = visit(alone=True), visit(alone=True)
    go(one, "2012-12-31")
    one.fill(at("search-values"), "behaviour.open_gain")
    assert other.inner_text(at("date")) == "2008-12-31"
    go(other, "2009-01-31")
    assert one.inner_text(at("date")) == "2012-12-31"


def test_a_click_on_the_map_opens_a_village(visit):
    page = visit("")
    go(page, "2012-06-20")
    assert page.locator("[data-chart=season]").count() == 1
    before = page.input_value(at("village"))
    chart = page.locator("[data-chart=map] svg")
    box = chart.bounding_box()
    # The villages lie at the corners of the first panel; the lowest on the left is West.
    chart.click(position={"x": box["width"] * 16 / 560, "y": box["height"] * 0.752})
    page.wait_for_function(
        "before => document.querySelector('[data-test=village]').value !== before", arg=before
    )
    assert page.input_value(at("village")) == "P/Q/C/T/West"


def test_a_click_in_the_network_opens_a_life(visit):
    page = visit()
    go(page, "2014-06-30")
    chart = page.locator("[data-chart=network] svg")
    box = chart.bounding_box()
    chart.click(position={"x": box["width"] * 0.2, "y": box["height"] * 0.55})
    page.wait_for_selector(at("life"))


def test_both_languages_are_spoken(visit):
    page = visit()
    page.select_option(at("language"), "zh")
    page.wait_for_function("document.documentElement.lang === 'zh'")
    page.wait_for_function("document.querySelector('[data-test=day]').textContent === '+ 1天'")
    assert "活跃网店" in page.inner_text(at("numbers"))
    assert "活跃网店" in page.inner_text("[data-chart=stores]")
    assert visit("scenario=cangtian&lang=zh").inner_text(at("play")).endswith("播放")


def test_the_keyboard_reaches_everything(visit):
    page = visit()
    reached = set()
    for _ in range(140):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.test || ''"))
    everything = {
        "scenario", "language", "play", "day", "month", "end", "restart", "speed", "goal", "go",
        "add-policy", "search-values", "search", "only", "save-baseline", "save-variant",
        "save-parquet", "save-csv", "link",
    }  # fmt: skip
    assert everything <= reached
    page.focus(at("day"))
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2009-01-01'"
    )


@pytest.mark.parametrize("width", [1400, 420])
def test_readers_with_other_needs_can_read_it(visit, width):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    page = visit("scenario=cangtian&until=2011-06-30", width)
    page.wait_for_function(
        "document.querySelector('[data-test=date]').textContent === '2011-06-30'"
    )
    found = axe.Axe().run(page).response["violations"]
    serious = [fault for fault in found if fault["impact"] in ("serious", "critical")]
    told = [(fault["id"], fault["nodes"][0]["html"][:200]) for fault in serious]
    assert told == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
