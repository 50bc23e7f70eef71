"""Villages of a region on a map, in both worlds: who is listed, who crossed the thresholds."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sim.app.charts import NAMES, Chart, footed
from sim.app.session import Session
from sim.app.svg import SOFT, WIDTH, Box, Drawing, Legend, dots
from sim.words import t

_HEIGHT: Final = 350.0
_NONE, _STORES, _LISTED, _INK = "#c3cad2", "#56B4E9", "#C14A00", "#111111"


def village_map(session: Session) -> Chart | None:
    """Return the map of the villages; None if there is only one, or none has a place."""
    places = _places(session)
    if places.shape[0] < 2 or not np.isfinite(places).any():
        return None
    title = t("Villages on the list")
    listed = [world.model.observer.is_listed for world in session.worlds]
    said = t(
        "Listed villages: baseline {baseline}, variant {variant}, of {villages}.",
        baseline=int(listed[0].sum()),
        variant=int(listed[1].sum()),
        villages=places.shape[0],
    )
    drawing = Drawing(title, said, _HEIGHT)
    legend = [
        Legend(t("listed"), _LISTED, is_line=False),
        Legend(t("with stores"), _STORES, is_line=False),
        Legend(t("without"), _NONE, is_line=False),
    ]
    drawing.legend(legend, 12, 36)
    told = t("dark rim: listed in one world only; circle: the open village")
    drawing.text(12, _HEIGHT - 24, told, size=11, color=SOFT)
    differs = listed[0] != listed[1]
    for world, box in enumerate(_panels()):
        count = int(listed[world].sum())
        heading = t("{world}: {count} listed", world=t(NAMES[world]), count=count)
        drawing.text(box.left, 60, heading, size=12, weight="600")
        at = _at(places, box)
        stores = session.worlds[world].model.observer.active_stores > 0
        size = 4.0 if len(at) > 400 else 6.0
        drawing.path(dots(at[~stores].tolist()), _NONE, width=size - 1, cap="round")
        drawing.path(dots(at[differs].tolist()), _INK, width=size + 4, cap="round")
        drawing.path(dots(at[stores].tolist()), _STORES, width=size, cap="round")
        drawing.path(dots(at[listed[world]].tolist()), _LISTED, width=size + 2, cap="round")
        x, y = at[session.village]
        drawing.add(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{_INK}" '
            'stroke-width="2"/>'
        )
    return Chart("map", title, footed(drawing, session))


def village_at(session: Session, x: float, y: float) -> int | None:
    """Return the village nearest to a point of the map."""
    places = _places(session)
    for box in _panels():
        if box.left - 6 <= x <= box.right + 6:
            at = _at(places, box)
            away = np.hypot(at[:, 0] - x, at[:, 1] - y)
            away[~np.isfinite(away)] = np.inf
            return int(away.argmin()) if away.min() < 20 else None
    return None


def _panels() -> tuple[Box, Box]:
    width = (WIDTH - 24) / 2
    return Box(16, 72, width - 16, 246), Box(16 + width + 8, 72, width - 16, 246)


def _places(session: Session) -> NDArray[np.float64]:
    return session.baseline.model.simulation.register.position_km


def _at(places_km: NDArray[np.float64], box: Box) -> NDArray[np.float64]:
    """Return places in the drawing, (villages, 2); villages without a place lie at its corner."""
    low, high = np.nanmin(places_km, axis=0), np.nanmax(places_km, axis=0)
    scale = min(box.width, box.height) / max(float((high - low).max()), 1e-9)
    at = np.stack(
        [
            box.left + (places_km[:, 0] - low[0]) * scale,
            box.top + (high[1] - places_km[:, 1]) * scale,
        ],
        axis=1,
    )
    return np.where(np.isfinite(at), at, (box.left, box.bottom))
