"""What the page shows of a session, as plain values that travel to the browser."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from numpy.typing import NDArray

from sim.app.charts import Chart, charts_of
from sim.app.controls import as_json, controls_of
from sim.app.date_line import date_line
from sim.app.households import Page, about_household, life_of, shown_name, table_of
from sim.app.links import written
from sim.app.network import network_chart, peers_of
from sim.app.session import Session
from sim.app.village_map import village_map
from sim.app.world import World
from sim.scenario import Scenario, list_policies
from sim.words import language, t

_MOST_VILLAGES: Final = 2_000
"""Villages that can be chosen from a list; in larger worlds by a click on the map."""


@dataclass
class Scenes:
    """What is looked at, and what has been worked out for it before.

    Attributes
    ----------
    scenario : str
        Name under which the scenario was chosen.
    household : str
        Household whose life is shown; empty for none.
    search : tuple
        Words, page, and whether only households that differ are wanted.
    charts : list of Chart
        The charts as they were shown last.
    """

    scenario: str = ""
    household: str = ""
    search: tuple[str, int, bool] = ("", 0, False)
    charts: list[Chart] = field(default_factory=list)
    _peers: dict[tuple[int, int], tuple[World, NDArray[Any]]] = field(default_factory=dict)
    _controls: tuple[Any, list[dict[str, Any]]] | None = None

    def peers(self, world: World, village: int) -> NDArray[Any]:
        """Return whom households observe; worked out once for a world and village."""
        key = (id(world), village)
        if key not in self._peers:
            while len(self._peers) >= 2:
                self._peers.pop(next(iter(self._peers)))
            self._peers[key] = (world, peers_of(world, village))
        return self._peers[key][1]

    def controls(self, scenario: Scenario) -> list[dict[str, Any]]:
        """Return the controls of a scenario; made once for a scenario and language."""
        key = (scenario, language())
        if self._controls is None or self._controls[0] != key:
            made = [as_json(control) for control in controls_of(scenario)]
            self._controls = (key, made)
        return self._controls[1]


def parts_of_view(session: Session, scenes: Scenes) -> dict[str, Any]:
    """Return all parts of the page, in the language in use.

    Parameters
    ----------
    session : Session
        The worlds.
    scenes : Scenes
        What is looked at; keeps the charts for downloads.
    """
    scenes.charts = _charts(session, scenes)
    choices = session.choices
    with_added = choices.file
    if choices.added:
        from sim.scenario import with_policies

        with_added = with_policies(choices.file, choices.added)
    return {
        "story": _story(session),
        "controls": scenes.controls(with_added),
        "choices": {
            "values": {key: written(value) for key, value in choices.changes.items()},
            "errors": dict(choices.errors),
            "refused": dict(choices.refused),
            "added": list(choices.added),
        },
        "line": date_line(session),
        "charts": [chart._asdict() for chart in scenes.charts],
        "numbers": _numbers(session),
        "table": _table(table_of(session, *scenes.search[:2], only=scenes.search[2]), scenes),
        "life": _life(session, scenes.household),
    }


def _story(session: Session) -> dict[str, Any]:
    scenario, register = session.choices.file, session.baseline.model.simulation.register
    paths = register.paths() if len(register) <= _MOST_VILLAGES else []
    return {
        "title": t(scenario.title or scenario.name),
        "question": t(scenario.question) if scenario.question else "",
        "villages": list(paths) if len(register) > 1 else [],
        "village": session.village_path,
        "policies": [{"name": n, "title": t(title or n)} for n, title in list_policies()],
    }


def _charts(session: Session, scenes: Scenes) -> list[Chart]:
    charts = charts_of(session)
    chosen = session.place_of(0, scenes.household) if scenes.household else None
    both = (
        scenes.peers(session.baseline, session.village),
        scenes.peers(session.variant, session.village),
    )
    charts.append(network_chart(session, both, chosen))
    region = village_map(session)
    return charts if region is None else [region, *charts]


def _numbers(session: Session) -> list[dict[str, str]]:
    rows = [
        {
            "name": t(row.name, year=row.year),
            "unit": t(row.unit),
            "baseline": _figure(row.baseline),
            "variant": _figure(row.variant),
            "difference": _figure(row.difference, is_signed=True),
        }
        for row in session.differences()
    ]
    rows += [
        {
            "name": t(dated.name),
            "unit": t("days"),
            "baseline": _day(dated.baseline),
            "variant": _day(dated.variant),
            "difference": _figure(dated.days, is_signed=True),
        }
        for dated in session.dates()
    ]
    return rows


def _figure(value: float | None, *, is_signed: bool = False) -> str:
    if value is None:
        return "–"
    if is_signed and value == 0:
        return "0"
    digits = 0 if value == int(value) or abs(value) >= 1000 else 2
    text = f"{value:+,.{digits}f}" if is_signed else f"{value:,.{digits}f}"
    return text.replace("-", "\u2212")  # a minus, not a hyphen


def _day(day: date | None) -> str:
    return "–" if day is None else day.isoformat()


def _table(page: Page, scenes: Scenes) -> dict[str, Any]:
    rows = [
        {
            "name": row.name,
            "shown": row.shown,
            "goods": list(row.goods),
            "shops": [str(shops) for shops in row.shops],
            "sales": [f"{sales:,.0f}" for sales in row.sales_yuan],
            "cash": [f"{cash:,.0f}" for cash in row.cash_yuan],
            "differs": row.differs,
        }
        for row in page.rows
    ]
    said = t(
        "{found} households, page {page} of {pages}",
        found=page.found, page=page.page + 1, pages=page.pages,
    )  # fmt: skip
    return {"rows": rows, "page": page.page, "pages": page.pages, "said": said,
            "search": scenes.search[0], "only": scenes.search[2]}  # fmt: skip


def _life(session: Session, name: str) -> dict[str, Any]:
    if not name or all(session.place_of(world, name) is None for world in (0, 1)):
        return {"name": "", "shown": "", "about": "", "lines": []}
    both, names = t("both"), (t("baseline"), t("variant"))
    lines = [
        {
            "day": line.day.isoformat(),
            "text": line.text,
            "world": both if len(line.worlds) == 2 else names[line.worlds[0]],
            "number": 2 if len(line.worlds) == 2 else line.worlds[0],
        }
        for line in life_of(session, name)
    ]
    about = about_household(session, name)
    return {"name": name, "shown": shown_name(name), "about": about, "lines": lines}
