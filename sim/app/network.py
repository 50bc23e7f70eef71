"""The village as a network: who sells what, and from whom it may have been copied."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.app.charts import NAMES, Chart, footed
from sim.app.session import Session
from sim.app.svg import PALETTE, SOFT, WIDTH, Box, Drawing, Legend, dots
from sim.app.world import World
from sim.words import t
from sim.world.network import (
    ACQUAINTANCES,
    NEIGHBOURS,
    NO_PEER,
    PEERS,
    acquaintance_draws,
    acquaintance_offset,
    neighbour_offset,
)
from sim.world.parameters import good_names

_HEIGHT: Final = 350.0
_IDLE: Final = "#c3cad2"
_INK: Final = "#111111"
_GOODS: Final = (PALETTE[3], PALETTE[6], PALETTE[4], PALETTE[5], PALETTE[2], PALETTE[0])
_MOST_LINES: Final = 1500
"""Lines of a panel; of more the latest openings are shown."""


def peers_of(world: World, village: int) -> NDArray[np.int64]:
    """Return whom each household of a village observes, (households, PEERS), by place; -1 nobody.

    Parameters
    ----------
    world : World
        The world.
    village : int
        Number of the village.
    """
    row = world.model.simulation.state.villages[village]
    counts, key, seed = row["kind_count"], row["key"], world.model.seed
    kinds, numbers = world.kinds_and_numbers(village)
    peers = np.full((kinds.size, PEERS), NO_PEER, np.int64)
    for own, (kind, number) in enumerate(zip(kinds.tolist(), numbers.tolist(), strict=True)):
        for place in range(NEIGHBOURS):
            peers[own, place] = neighbour_offset(place, kind, number, counts)
        for place in range(ACQUAINTANCES):
            u = acquaintance_draws(seed, key, kind, number, place)
            peers[own, NEIGHBOURS + place] = acquaintance_offset(u, own, counts)
    return peers


def copied(world: World, village: int, peers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return pairs of households of which the first sells what the second sold before it.

    Only households that the first one observes are looked at, so that each pair is a way on which
    it can have learned; in order of the first one's opening.

    Returns
    -------
    array (pairs, 2)
        Places in the village.
    """
    goods, opened = world.goods_sold(village), world.first_opening(village)
    sellers = np.flatnonzero(goods >= 0)
    seen = peers[sellers]
    there = np.maximum(seen, 0)
    same = (seen != NO_PEER) & (goods[there] == goods[sellers][:, None])
    earlier = (opened[there] >= 0) & (opened[there] < opened[sellers][:, None])
    who, place = np.nonzero(same & earlier)
    pairs = np.stack([sellers[who], seen[who, place]], axis=1)
    return pairs[np.argsort(opened[pairs[:, 0]], kind="stable")]


def layout(households: int, box: Box) -> NDArray[np.float64]:
    """Return places on a spiral, (households, 2), so that neighbours lie side by side."""
    if households == 0:
        return np.zeros((0, 2))
    # Evenly spaced on an Archimedean spiral: the way along it grows with the square of the angle.
    turns = np.sqrt((np.arange(households) + 3.0) / math.pi)
    angle = 2.0 * math.pi * turns
    radius = turns / turns[-1] * min(box.width, box.height) / 2.0
    x = box.left + box.width / 2.0 + radius * np.cos(angle)
    y = box.top + box.height / 2.0 + radius * np.sin(angle)
    return np.stack([x, y], axis=1)


def panels() -> tuple[Box, Box]:
    """Return where the two villages lie in the chart."""
    width = (WIDTH - 24) / 2
    return Box(12, 70, width - 8, 250), Box(12 + width + 8, 70, width - 8, 250)


def household_at(session: Session, x: float, y: float) -> tuple[int, int] | None:
    """Return the world and the place of the household nearest to a point of the chart."""
    for world, box in enumerate(panels()):
        if box.left - 6 <= x <= box.right + 6:
            rows = session.worlds[world].household_rows(session.village)
            places = layout(rows.stop - rows.start, box)
            away = np.hypot(places[:, 0] - x, places[:, 1] - y)
            return (world, int(away.argmin())) if away.size and away.min() < 12 else None
    return None


def network_chart(
    session: Session, peers: tuple[NDArray[np.int64], NDArray[np.int64]], chosen: int | None
) -> Chart:
    """Return the village in both worlds as a network.

    Parameters
    ----------
    session : Session
        The worlds.
    peers : tuple of array
        Whom households observe, as `peers_of` returns it for each world.
    chosen : int or None
        Place of the household that is looked at.
    """
    title = t("Who copies whom")
    differs = session.differing()
    drawing = Drawing(title, _text(session, differs), _HEIGHT)
    goods = sorted({int(g) for w in session.worlds for g in w.goods_sold(session.village)} - {-1})
    color_of = {good: _GOODS[place % len(_GOODS)] for place, good in enumerate(goods)}
    legend = [
        Legend(t(good_names()[good].replace("_", " ")), color_of[good], is_line=False)
        for good in goods
    ]
    legend.append(Legend(t("no shop"), _IDLE, is_line=False))
    drawing.legend(legend, 12, 36)
    drawing.text(WIDTH - 12, 40, t("ringed: differs"), anchor="end", size=11, color=SOFT)
    for place, (world, box) in enumerate(zip(session.worlds, panels(), strict=True)):
        drawing.text(box.left, 60, t(NAMES[place]), size=12, weight="600")
        _draw(drawing, world, session, box, (peers[place], color_of, differs, chosen))
    return Chart("network", title, footed(drawing, session))


def _draw(drawing: Drawing, world: World, session: Session, box: Box, what: Any) -> None:
    peers, color_of, differs, chosen = what
    village = session.village
    goods = world.goods_sold(village)
    at = layout(goods.size, box)
    pairs = copied(world, village, peers)[-_MOST_LINES:]
    lines = "".join(
        f"M{at[a, 0]:.0f} {at[a, 1]:.0f}L{at[b, 0]:.0f} {at[b, 1]:.0f}" for a, b in pairs.tolist()
    )
    size = 3.2 if goods.size > 900 else 4.5
    drawing.path(dots(at[goods < 0].tolist()), _IDLE, width=size - 1, cap="round")
    drawing.path(lines, SOFT, width=0.6, opacity=0.35)
    marked = np.flatnonzero(differs[: goods.size])
    drawing.path(dots(at[marked].tolist()), _INK, width=size + 3.4, cap="round")
    drawing.path(dots(at[marked].tolist()), "#ffffff", width=size + 1.4, cap="round")
    drawing.path(dots(at[marked[goods[marked] < 0]].tolist()), _IDLE, width=size - 1, cap="round")
    for good, color in color_of.items():
        drawing.path(dots(at[goods == good].tolist()), color, width=size + 0.6, cap="round")
    if chosen is not None and chosen < goods.size:
        x, y = at[chosen]
        drawing.add(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="8" fill="none" stroke="{_INK}" '
            'stroke-width="2"/>'
        )


def _text(session: Session, differs: NDArray[np.bool_]) -> str:
    selling = [int((w.goods_sold(session.village) >= 0).sum()) for w in session.worlds]
    return t(
        "Selling households: baseline {baseline}, variant {variant}; {differ} differ.",
        baseline=selling[0], variant=selling[1], differ=int(differs.sum()),
    )  # fmt: skip
