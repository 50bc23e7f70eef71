"""The charts of both worlds: growth, season, incomes and sizes of shops."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.app.session import Session
from sim.app.svg import (
    BASELINE,
    INK,
    PALETTE,
    SOFT,
    VARIANT,
    WIDTH,
    Box,
    Drawing,
    Legend,
    Panel,
)
from sim.results.schema import INCOME_SOURCES
from sim.words import phrase, t
from sim.world.calendar import date_of, day_of
from sim.world.parameters import good_names

COLORS: Final = (BASELINE, VARIANT)
DASHES: Final = ("", "6 3")
NAMES: Final = (phrase("baseline"), phrase("variant"))
_HEIGHT: Final = 250.0
_PANEL: Final = Box(56, 46, WIDTH - 72, _HEIGHT - 46 - 44)
_FOOT: Final = _HEIGHT - 8
_MILLION: Final = 1e6
_SOURCES: Final = {
    "wages_yuan": (phrase("wages"), PALETTE[0]),
    "offline_yuan": (phrase("own fruit or goods, offline"), PALETTE[1]),
    "online_yuan": (phrase("own fruit, online"), PALETTE[2]),
    "shop_profit_yuan": (phrase("profit of shops"), PALETTE[3]),
}
_FATES: Final = (
    (("online_own_kg", "online_bought_kg"), phrase("sold online"), PALETTE[3]),
    (("wholesale_kg",), phrase("wholesale market"), PALETTE[0]),
    (("spoiled_kg",), phrase("spoiled"), PALETTE[6]),
    (("processed_kg",), phrase("processed"), PALETTE[1]),
    (("left_kg",), phrase("left on the tree"), "#cfd6dd"),
)
_SIZES: Final = (0.0, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6)
"""Lower ends of the classes of shops by yearly sales [yuan]."""


class Chart(NamedTuple):
    """One chart of the page."""

    name: str
    title: str
    svg: str


def charts_of(session: Session) -> list[Chart]:
    """Return the charts of a session as they are today, but for networks and maps."""
    made = [_stores(session), _sales(session), _incomes(session), _shop_sizes(session)]
    season = season_chart(session)
    return made if season is None else [*made[:2], season, *made[2:]]


def footed(drawing: Drawing, session: Session) -> str:
    """Return a drawing as SVG, with its title, and a line that says what is shown."""
    drawing.text(12, 18, drawing.title, size=14, weight="600")
    said = t(
        "{scenario}, seed {seed}; {village}; {day}",
        scenario=session.choices.file.name,
        seed=session.baseline.model.seed,
        village=t(session.village_name),
        day=session.last_date.isoformat(),
    )
    drawing.text(12, drawing.height - 8, said, size=10, color=SOFT)
    return drawing.svg()


def world_legend() -> list[Legend]:
    """Return the legend of the two worlds."""
    return [Legend(t(n), c, d) for n, c, d in zip(NAMES, COLORS, DASHES, strict=True)]


def year_ticks(first: date, last: date) -> list[tuple[float, str]]:
    """Return the days and numbers of years that are written below an axis."""
    years = range(first.year if first.month == 1 else first.year + 1, last.year + 1)
    every = max(1, -(-len(years) // 8))
    return [(float(day_of(date(year, 1, 1))), str(year)) for year in years[::every]]


def _stores(session: Session) -> Chart:
    def read(months: Any) -> NDArray[Any]:
        return np.asarray(months.stores)

    return _growth(
        session, "stores", t("Active stores"), t("stores"), read, session.thresholds()[1]
    )


def _sales(session: Session) -> Chart:
    def read(months: Any) -> NDArray[Any]:
        return np.asarray(months.sales_yuan) / _MILLION

    threshold = session.thresholds()[0] / _MILLION
    title = t("Online sales of the trailing year")
    return _growth(session, "sales", title, t("million yuan"), read, threshold)


def _growth(
    session: Session,
    name: str,
    title: str,
    unit: str,
    read: Callable[[Any], NDArray[Any]],
    threshold: float,
) -> Chart:
    series = [world.months(session.village) for world in session.worlds]
    lines = [(months.day, read(months)) for months in series]
    highest = max([threshold, *(float(y.max()) for _, y in lines if y.size)])
    last = [float(y[-1]) if y.size else 0.0 for _, y in lines]
    said = t(
        "Baseline {baseline:,.1f}, variant {variant:,.1f} {unit} on {day}; threshold {level:g}.",
        baseline=last[0], variant=last[1], unit=unit, day=session.last_date, level=threshold,
    )  # fmt: skip
    drawing = Drawing(title, said, _HEIGHT)
    days = (float(day_of(session.start)), float(day_of(session.end)))
    panel = Panel(_PANEL, days, (0.0, 1.08 * highest))
    panel.draw_axes(drawing, year_ticks(session.start, session.end), unit)
    panel.draw_level(drawing, threshold, t("threshold"))
    for (day, y), color, dash in zip(lines, COLORS, DASHES, strict=True):
        drawing.path(panel.path(day, y), color, dash=dash)
    drawing.legend(world_legend(), WIDTH - 230, 34)
    return Chart(name, title, footed(drawing, session))


def season_chart(session: Session) -> Chart | None:
    """Return the latest season of the village's crop, a panel for each world; None without one."""
    crop = int(session.baseline.model.simulation.register.crop[session.village])
    if crop < 0:
        return None
    seasons = [world.season(session.village) for world in session.worlds]
    title = t("The season day by day: {good}", good=t(good_names()[crop].replace("_", " ")))
    drawing = Drawing(title, _season_text(seasons), 336)
    drawing.legend([Legend(t(n), c, is_line=False) for _, n, c in _FATES], 12, 34)
    filled = [season for season in seasons if season]
    if not filled:
        drawing.text(WIDTH / 2, 160, t("No fruit has ripened yet."), anchor="middle", color=SOFT)
        return Chart("season", title, footed(drawing, session))
    first = min(int(season["day"][0]) for season in filled)
    last = max(int(season["day"][-1]) for season in filled)
    highest = max(float(_stacked(season)[-1].max()) for season in filled)
    for place, season in enumerate(seasons):
        box = Box(56, 64 + 128 * place, WIDTH - 72, 86)
        panel = Panel(box, (first - 0.5, max(last, first + 5) + 0.5), (0.0, 1.05 * highest))
        ticks = [(float(day), _day_label(day)) for day in range(first, last + 1, 7)]
        panel.draw_axes(drawing, ticks, f"{t(NAMES[place])}, kg")
        if season:
            _draw_days(drawing, panel, season)
    return Chart("season", title, footed(drawing, session))


def _day_label(day: int) -> str:
    return f"{date_of(day):%m-%d}"


def _stacked(season: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    layers = [sum(season[column] for column in columns) for columns, _, _ in _FATES]
    return np.cumsum(np.array(layers, np.float64), axis=0)


def _draw_days(drawing: Drawing, panel: Panel, season: dict[str, NDArray[Any]]) -> None:
    tops = _stacked(season)
    below = np.zeros(tops.shape[1])
    for top, (_, _, color) in zip(tops, _FATES, strict=True):
        d = "".join(
            f"M{panel.x(day - 0.42):.1f} {panel.y(low):.1f}V{panel.y(high):.1f}"
            f"H{panel.x(day + 0.42):.1f}V{panel.y(low):.1f}Z"
            for day, low, high in zip(season["day"], below, top, strict=True)
            if high > low
        )
        drawing.area(d, color)
        below = top


def _season_text(seasons: Sequence[dict[str, NDArray[Any]]]) -> str:
    said = []
    for name, season in zip(NAMES, seasons, strict=True):
        if season:
            online = float(sum(season[c].sum() for c in _FATES[0][0]))
            ripe = float(season["ripe_kg"].sum())
            said.append(
                t("{world}: {online:,.0f} of {ripe:,.0f} kg sold online",
                  world=t(name), online=online, ripe=ripe)
            )  # fmt: skip
    return "; ".join(said) or t("No fruit has ripened yet.")


def _incomes(session: Session) -> Chart:
    title = t("Mean income of a household by source")
    incomes = [session.incomes(0), session.incomes(1)]
    years = sorted(set(incomes[0]) | set(incomes[1]))
    drawing = Drawing(title, _incomes_text(session, incomes), _HEIGHT + 20)
    drawing.legend([Legend(t(n), c, is_line=False) for n, c in _SOURCES.values()], 12, 34)
    if not years:
        drawing.text(WIDTH / 2, 140, _without_incomes(session), anchor="middle", color=SOFT)
        return Chart("incomes", title, footed(drawing, session))
    totals = [sum(max(v, 0.0) for v in means.values()) for i in incomes for means in i.values()]
    panel = Panel(
        Box(56, 66, WIDTH - 72, _HEIGHT - 66 - 24),
        (session.start.year - 0.6, session.end.year + 0.6),
        (0.0, 1.08 * max([*totals, 1.0])),
    )
    every = max(1, -(-(session.end.year - session.start.year + 1) // 8))
    shown = range(session.start.year, session.end.year + 1, every)
    unit = t("yuan a year; left bar baseline, right bar variant")
    panel.draw_axes(drawing, [(float(year), str(year)) for year in shown], unit)
    for world, (of_world, color) in enumerate(zip(incomes, COLORS, strict=True)):
        for year, means in of_world.items():
            _draw_stack(drawing, panel, year + (world - 0.5) * 0.42, means, color)
    return Chart("incomes", title, footed(drawing, session))


def _draw_stack(
    drawing: Drawing, panel: Panel, x: float, means: dict[str, float], color: str
) -> None:
    left, right, low = panel.x(x - 0.19), panel.x(x + 0.19), 0.0
    for source in _SOURCES:
        high = low + max(means[source], 0.0)
        box = Box(left, panel.y(high), right - left, panel.y(low) - panel.y(high))
        drawing.rect(box, _SOURCES[source][1])
        low = high
    drawing.path(f"M{left:.1f} {panel.box.bottom + 2:.1f}H{right:.1f}", color, width=3)


def _without_incomes(session: Session) -> str:
    if session.last_date < date(session.start.year, 12, 31):
        return t("The first year has not ended yet.")
    return t("Incomes are not kept in a world with so many households.")


def _incomes_text(session: Session, incomes: Sequence[dict[int, dict[str, float]]]) -> str:
    years = sorted(set(incomes[0]) & set(incomes[1]))
    if not years:
        return _without_incomes(session)
    totals = [sum(i[years[-1]][source] for source in INCOME_SOURCES) for i in incomes]
    return t(
        "In {year}: baseline {baseline:,.0f}, variant {variant:,.0f} yuan.",
        year=years[-1], baseline=totals[0], variant=totals[1],
    )  # fmt: skip


def _shop_sizes(session: Session) -> Chart:
    title = t("Sizes of shops")
    counts = [_classes(world.shop_sales_yuan(session.village)) for world in session.worlds]
    said = t(
        "Shops by sales of twelve months; above a million yuan: baseline {baseline}, "
        "variant {variant}.",
        baseline=int(counts[0][5:].sum()), variant=int(counts[1][5:].sum()),
    )  # fmt: skip
    drawing = Drawing(title, said, _HEIGHT)
    highest = max(1.0, float(max(c.max() for c in counts)))
    panel = Panel(_PANEL, (-0.6, len(_SIZES) - 0.4), (0.0, 1.12 * highest))
    labels = ["< 10k", "10k–", "30k–", "100k–", "300k–", "1M–", "3M–"]
    ticks = [(float(place), label) for place, label in enumerate(labels)]
    panel.draw_axes(drawing, ticks, t("shops by sales of twelve months [yuan]"))
    for world, (of_world, color) in enumerate(zip(counts, COLORS, strict=True)):
        for place, count in enumerate(of_world):
            x = place + (world - 0.5) * 0.42
            left, top = panel.x(x - 0.19), panel.y(float(count))
            box = Box(left, top, panel.x(x + 0.19) - left, panel.box.bottom - top)
            drawing.rect(box, color, hint=f"{t(NAMES[world])}: {int(count)}")
            if count:
                middle = (box.left + box.right) / 2
                drawing.text(middle, top - 3, str(int(count)), anchor="middle", size=10, color=INK)
    drawing.legend(world_legend(), WIDTH - 230, 34)
    return Chart("sizes", title, footed(drawing, session))


def _classes(sales_yuan: NDArray[np.float64]) -> NDArray[np.int64]:
    classes = np.searchsorted(_SIZES, sales_yuan, side="right") - 1
    return np.bincount(np.maximum(classes, 0), minlength=len(_SIZES))
