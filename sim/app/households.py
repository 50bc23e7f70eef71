"""Households as rows of a table, and the life of one of them as dated events."""

from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np

from sim.app.chronicle import Happening, LifeEvent
from sim.app.session import Session
from sim.app.world import World
from sim.results.schema import INCOME_SOURCES, KINDS
from sim.words import phrase, t
from sim.world.calendar import date_of
from sim.world.parameters import good_names, platform_names

ROWS: Final = 20
"""Rows of a page of the table."""
_KINDS: Final = (
    phrase("farmer {number}"),
    phrase("manufacturer {number}"),
    phrase("operator {number}"),
    phrase("incomer {number}"),
)
_PLATFORMS: Final = {
    "taobao": phrase("Taobao"),
    "jd": phrase("JD"),
    "alibaba_com": phrase("Alibaba.com"),
    "amazon": phrase("Amazon"),
}


class Row(NamedTuple):
    """A household in both worlds."""

    name: str
    """How links and the program call it."""
    shown: str
    """How the page calls it."""
    goods: tuple[str, str]
    shops: tuple[int, int]
    sales_yuan: tuple[float, float]
    cash_yuan: tuple[float, float]
    differs: bool


class Page(NamedTuple):
    """A page of the table."""

    rows: list[Row]
    found: int
    """Households that the search has found."""
    page: int
    pages: int


class LifeLine(NamedTuple):
    """A dated event of a household, in one world or in both."""

    day: date
    text: str
    worlds: tuple[int, ...]


def table_of(session: Session, search: str = "", page: int = 0, *, only: bool = False) -> Page:
    """Return a page of the households of the village, those that sell most first.

    Parameters
    ----------
    session : Session
        The worlds.
    search : str
        Words that a row must have in its name or its goods.
    page : int
        Page, from 0 on.
    only : bool
        Whether only households that differ between the worlds are wanted.
    """
    v = session.village
    sales = [world.household_sales_yuan(v) for world in session.worlds]
    size = max(each.size for each in sales)
    differs = session.differing()
    most = np.max([np.pad(each, (0, size - each.size)) for each in sales], axis=0)
    order = np.argsort(np.negative(most), kind="stable")
    names = _names(session)
    goods = [_goods(world, v) for world in session.worlds]
    wanted = search.casefold().split()
    found = [
        place
        for place in order.tolist()
        if (differs[place] or not only) and _has(wanted, names[place], goods, place)
    ]
    pages = max(1, -(-len(found) // ROWS))
    page = min(max(page, 0), pages - 1)
    chosen = found[page * ROWS : (page + 1) * ROWS]
    rows = [
        _row(session, place, names[place], goods, sales, bool(differs[place])) for place in chosen
    ]
    return Page(rows, len(found), page, pages)


def shown_name(name: str) -> str:
    """Return a household's name in the language of the page."""
    word, _, number = name.partition(" ")
    return t(_KINDS[KINDS.index(word)], number=number)


def _names(session: Session) -> list[str]:
    """Return the names of the households, by place; of the larger village if they are not alike."""
    found: list[str] = []
    for world in session.worlds:
        kinds, numbers = world.kinds_and_numbers(session.village)
        if kinds.size > len(found):
            found = [
                f"{KINDS[k]} {n}" for k, n in zip(kinds.tolist(), numbers.tolist(), strict=True)
            ]
    return found


def _goods(world: World, village: int) -> list[str]:
    said = [t(name.replace("_", " ")) for name in good_names()]
    return [said[good] if good >= 0 else "" for good in world.goods_sold(village).tolist()]


def _has(wanted: list[str], name: str, goods: list[list[str]], place: int) -> bool:
    if not wanted:
        return True
    told = [of_world[place] for of_world in goods if place < len(of_world)]
    text = " ".join([name, shown_name(name), *told]).casefold()
    return all(word in text for word in wanted)


def _row(
    session: Session,
    place: int,
    name: str,
    goods: list[list[str]],
    sales: list[Any],
    differs: bool,
) -> Row:
    shops, cash = [], []
    for world in session.worlds:
        rows = world.household_rows(session.village)
        is_there = place < rows.stop - rows.start
        households = world.model.simulation.state.households
        shops.append(int(households["shops"][rows.start + place]) if is_there else 0)
        cash.append(float(households["cash_yuan"][rows.start + place]) if is_there else 0.0)
    return Row(
        name,
        shown_name(name),
        (_at(goods[0], place, ""), _at(goods[1], place, "")),
        (shops[0], shops[1]),
        (float(_at(sales[0], place, 0.0)), float(_at(sales[1], place, 0.0))),
        (cash[0], cash[1]),
        differs,
    )


def _at(values: Any, place: int, otherwise: Any) -> Any:
    return values[place] if place < len(values) else otherwise


def life_of(session: Session, name: str) -> list[LifeLine]:
    """Return what has happened to a household in both worlds, in order of days.

    Parameters
    ----------
    session : Session
        The worlds.
    name : str
        Name of the household, such as ``operator 12``.
    """
    told: dict[tuple[date, str], list[int]] = {}
    for number, world in enumerate(session.worlds):
        place = session.place_of(number, name)
        if place is None:
            continue
        row = world.household_rows(session.village).start + place
        lines = [(date_of(e.day), _said(e)) for e in world.chronicle.of_household(row)]
        lines += _yearly(world, session.village, name)
        for line in lines:
            told.setdefault(line, []).append(number)
    lines_of_both = [LifeLine(day, text, tuple(worlds)) for (day, text), worlds in told.items()]
    return sorted(lines_of_both, key=lambda line: line.day)


def about_household(session: Session, name: str) -> str:
    """Return who heads a household, in one sentence; empty if it is not there."""
    place = session.place_of(0, name)
    if place is None:
        return ""
    rows = session.baseline.household_rows(session.village)
    head = session.baseline.model.simulation.state.households[rows.start + place]
    said = t(
        "{members} in the household; head {age} years old, {schooling} years of schooling",
        members=int(head["members"]), age=int(head["age_years"]),
        schooling=int(head["schooling_years"]),
    )  # fmt: skip
    if head["technical_training"]:
        said += t(", technical training")
    if head["worked_in_city"]:
        said += t(", has worked in a city")
    return said


def _said(event: LifeEvent) -> str:
    shop = event.ordinal + 1
    match event.what:
        case Happening.OPENED:
            good = t(good_names()[event.detail].replace("_", " "))
            return t("opens shop {shop}, sells {good}", shop=shop, good=good)
        case Happening.CLOSED:
            return t("closes shop {shop}", shop=shop)
        case Happening.JOINED:
            platform = t(_PLATFORMS[platform_names()[event.detail]])
            return t("shop {shop} joins {platform}", shop=shop, platform=platform)
        case Happening.HIRED:
            return t("hires staff: {persons}", persons=event.detail)
        case Happening.DISMISSED:
            return t("has no staff any more")
        case Happening.RETURNED:
            return t("comes back from the city")
        case Happening.ARRIVED:
            return t("moves to the village")
        case Happening.LEFT:
            return t("leaves the village")
        case Happening.TRAINED:
            return t("is trained in e-commerce")


def _yearly(world: World, village: int, name: str) -> list[tuple[date, str]]:
    """Return what a household earned in each complete year."""
    word, _, number = name.partition(" ")
    found = []
    for part in world.model.recorder.sink.parts.get("household_years", []):  # type: ignore[attr-defined]
        columns = part.columns
        rows = np.flatnonzero(
            (columns["village"] == village)
            & (columns["kind"] == KINDS.index(word))
            & (columns["number"] == int(number))
        )
        if rows.size:
            row = int(rows[0])
            income = float(sum(columns[source][row] for source in INCOME_SOURCES))
            shops = float(columns["shop_profit_yuan"][row])
            text = t("earned {income:,.0f} yuan, {shops:,.0f} of it with shops",
                     income=income, shops=shops)  # fmt: skip
            found.append((date(int(columns["year"][row]), 12, 31), text))
    return found
