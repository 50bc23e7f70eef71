"""The line of dates: seasons, promotion days, policies, and what has happened in both worlds."""

from datetime import date
from typing import Final, NamedTuple

from sim.app.charts import COLORS, year_ticks
from sim.app.session import Session
from sim.app.svg import INK, SOFT, Box, Drawing, Panel, text_width
from sim.words import t
from sim.world.calendar import day_of
from sim.world.parameters import good_names, goods, read_data

_WIDTH: Final = 1120.0
_HEIGHT: Final = 112.0
_LINE: Final = Box(16, 72, _WIDTH - 32, 14)
_SEASON: Final = "#1b7f4d"
_PROMOTION: Final = "#7a5c00"
_POLICY: Final = "#6b3fa0"
_MOST_YEARS_WITH_PROMOTIONS: Final = 16
_LANES: Final = 3


class Mark(NamedTuple):
    """Something with a date."""

    day: date
    text: str
    color: str


def date_line(session: Session) -> str:
    """Return the line of dates as SVG, 1,120 wide."""
    title = t("Dates")
    said = "; ".join(f"{mark.day.isoformat()} {mark.text}" for mark in marks_of(session))
    drawing = Drawing(title, said, _HEIGHT, _WIDTH)
    days = (float(day_of(session.start)), float(day_of(session.end)))
    panel = Panel(_LINE, days, (0.0, 1.0))
    drawing.rect(_LINE, "#eef1f4")
    _draw_seasons(drawing, panel, session)
    reached = panel.x(max(float(day_of(session.last_date)), days[0]))
    drawing.rect(Box(_LINE.left, _LINE.bottom - 4, reached - _LINE.left, 4), INK)
    for day, label in year_ticks(session.start, session.end):
        drawing.path(f"M{panel.x(day):.1f} {_LINE.bottom:.0f}v4", SOFT, width=1)
        drawing.text(panel.x(day), _LINE.bottom + 16, label, anchor="middle", size=11, color=SOFT)
    _draw_promotions(drawing, panel, session)
    _draw_marks(drawing, panel, marks_of(session))
    drawing.path(f"M{reached:.1f} {_LINE.top - 4:.0f}v22", INK, width=3)
    return drawing.svg()


def marks_of(session: Session) -> list[Mark]:
    """Return policies with their dates, and what has happened to the village in each world."""
    marks: dict[tuple[date, str], set[int]] = {}
    for world, scenario in ((0, session.baseline.scenario), (1, session.variant.scenario)):
        for policy in scenario.policies:
            for measure in policy.measures():
                name = (
                    f"{t(policy.name)}: {t(measure.part.replace('_', ' '))}" if measure.part else ""
                )
                is_own = measure.start != policy.measures()[0].start
                if name and not is_own:
                    continue
                text = t("{policy} begins", policy=name or t(policy.name))
                marks.setdefault((measure.start, text), set()).add(world)
                if measure.end is not None and measure.end <= scenario.end:
                    ends = t("{policy} ends", policy=name or t(policy.name))
                    marks.setdefault((measure.end, ends), set()).add(world)
    found = [Mark(day, _of_worlds(text, worlds), _POLICY) for (day, text), worlds in marks.items()]
    return sorted([*found, *_events(session)], key=lambda mark: mark.day)


def _events(session: Session) -> list[Mark]:
    found = []
    for row in session.dates():
        days = {0: row.baseline, 1: row.variant}
        name = t(row.name)
        if row.baseline is not None and row.baseline == row.variant:
            found.append(Mark(row.baseline, name, INK))
            continue
        for world, day in days.items():
            if day is not None:
                found.append(Mark(day, _of_worlds(name, {world}), COLORS[world]))
    return found


def _of_worlds(text: str, worlds: set[int]) -> str:
    if len(worlds) == 2:
        return text
    only = t("baseline") if 0 in worlds else t("variant")
    return t("{what} ({world} only)", what=text, world=only)


def _draw_seasons(drawing: Drawing, panel: Panel, session: Session) -> None:
    """Draw the usual season of the village's crop in every year, with a hint on hover."""
    crop = int(session.baseline.model.simulation.register.crop[session.village])
    if crop < 0:
        return
    its = goods(session.variant.scenario.goods)
    month, day = int(its.window_start_month[crop]), int(its.window_start_day[crop])
    length = float(its.window_days[crop])
    hint = t("usual season of {good}", good=t(good_names()[crop].replace("_", " ")))
    for year in range(session.start.year, session.end.year + 1):
        first = day_of(date(year, month, day))
        if panel.x_range[0] <= first <= panel.x_range[1]:
            left, right = panel.x(first), panel.x(min(first + length, panel.x_range[1]))
            drawing.rect(Box(left, _LINE.top, right - left, _LINE.height), _SEASON, hint=hint)


def _draw_promotions(drawing: Drawing, panel: Panel, session: Session) -> None:
    if session.end.year - session.start.year > _MOST_YEARS_WITH_PROMOTIONS:
        return
    for day in promotions(session.start, session.end):
        x = panel.x(float(day_of(day)))
        hint = t("promotion day, {day}", day=day.isoformat())
        drawing.add(
            f'<path d="M{x:.1f} {_LINE.top - 1:.0f}l-3 -5h6z" fill="{_PROMOTION}">'
            f"<title>{hint}</title></path>"
        )


def promotions(first: date, last: date) -> list[date]:
    """Return the promotion days of a period."""
    found = []
    for entry in read_data("calendar_events.toml")["promotion"]:
        for year in range(max(first.year, int(entry["first_year"])), last.year + 1):
            day = date(year, int(entry["month"]), int(entry["day"]))
            if first <= day <= last:
                found.append(day)
    return sorted(found)


def _draw_marks(drawing: Drawing, panel: Panel, marks: list[Mark]) -> None:
    """Write each mark in the first lane in which its text is free of others."""
    ends = [0.0] * _LANES
    for mark in marks:
        if not panel.x_range[0] <= day_of(mark.day) <= panel.x_range[1]:
            continue
        x, text = panel.x(float(day_of(mark.day))), f"{mark.text}, {mark.day.isoformat()}"
        width = text_width(text, 11) + 10
        is_left = x + width > _WIDTH
        left = x - width if is_left else x
        lane = next((k for k in range(_LANES) if ends[k] <= left), None)
        drawing.path(f"M{x:.1f} {_LINE.top:.0f}v{_LINE.height:.0f}", mark.color, width=2)
        if lane is None:
            continue
        ends[lane] = left + width
        y = 14 + 17 * lane
        drawing.path(f"M{x:.1f} {y + 3:.0f}V{_LINE.top:.0f}", mark.color, width=1, dash="2 2")
        anchor, at = ("end", x - 4) if is_left else ("start", x + 4)
        drawing.text(at, y, text, size=11, color=mark.color, anchor=anchor)
