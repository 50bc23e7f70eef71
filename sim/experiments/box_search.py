"""The search for boxes by PRIM and CART, as EMA Workbench has them."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.experiments.boxes import (
    MOST_STEPS,
    Box,
    Condition,
    Input,
    among,
    bounded,
    counted_box,
    inside,
    pruned,
)
from sim.experiments.extras import need

PRIM: Final = "prim"
CART: Final = "cart"
METHODS: Final = (PRIM, CART)
PEEL: Final = 0.05
"""Share of the runs in a box that PRIM peels off, or pastes on, at a time."""
SMALLEST: Final = 0.05
"""Share of all runs that a box holds at least."""
_DEEPEST: Final = 6
"""Questions that CART asks one after the other at most; longer rules nobody can read."""

Floats = NDArray[np.float64]


def find_boxes(
    method: str, inputs: Sequence[Input], answers: Floats, threshold: float, most: int
) -> list[Box]:
    """Return boxes with many yes inside: the dense enough ones first, then by what they cover.

    Of all the boxes that the search goes through, the one that covers most with at least the
    density that is asked for is taken; if none has that, the densest one.

    Parameters
    ----------
    method : str
        ``prim`` or ``cart``.
    inputs : sequence of Input
        The keys of every run.
    answers : array (runs,)
        1 for yes, 0 for no.
    threshold : float
        Share of yes inside that is asked for (0-1).
    most : int
        Boxes at most.

    Raises
    ------
    RunError
        If EMA Workbench is not installed.
    """
    varied = [each for each in inputs if each.levels.size > 1]
    base = float(answers.mean())
    search = _prim_boxes if method == PRIM else _cart_boxes
    found: list[Box] = []
    for conditions in search(varied, answers, threshold, most):
        box = counted_box(conditions, inputs, answers)
        box = pruned(box, inputs, answers, threshold)
        if box.density > base and box.rule not in [other.rule for other in found]:
            found.append(box)
    return sorted(found[:most], key=lambda each: (each.density < threshold, -each.coverage))


def _prim_boxes(
    inputs: Sequence[Input], answers: Floats, threshold: float, most: int
) -> Iterator[list[Condition]]:
    """Give the conditions of one box after the other, each from the runs that are left."""
    left = np.ones(answers.size, dtype=bool)
    for _ in range(most):
        rest = [each._replace(codes=each.codes[left]) for each in inputs]
        rest = [each for each in rest if each.levels.size > 1]
        if not rest or answers[left].sum() == 0:
            return
        tried = [
            _conditions(rest, limits)
            for limits in _peeled(rest, answers[left], answers.size, int(left.sum()))
        ]
        boxes = [counted_box(conditions, rest, answers[left]) for conditions in tried]
        box = _best(boxes, threshold)
        yield list(box.conditions)
        left &= ~inside(box.conditions, inputs)


def _peeled(inputs: Sequence[Input], answers: Floats, runs: int, left: int) -> list[Any]:
    """Return the limits of every box that PRIM goes through."""
    pd = need("pandas", "experiments")
    columns: dict[str, Any] = {}
    for each in inputs:
        if each.is_named:
            columns[each.key] = pd.Series([f"{code:.0f}" for code in each.codes], dtype=object)
        elif each.levels.size <= MOST_STEPS:
            # PRIM peels whole numbers value by value, others by quantile: then a key with a few
            # values might never be peeled.
            columns[each.key] = np.searchsorted(each.levels, each.codes).astype(np.int64)
        else:
            columns[each.key] = each.codes
    with _quiet():
        prim = need("ema_workbench.analysis.prim", "experiments")
        smallest = min(SMALLEST * runs / left, 1.0)
        search = prim.Prim(
            pd.DataFrame(columns),
            answers.astype(bool),
            peel_alpha=PEEL,
            paste_alpha=PEEL,
            mass_min=smallest,
        )
        # Pasting puts bounds between whole numbers, which pandas keeps out of their columns.
        steps = [each.key for each in inputs if not each.is_named]
        search.box_init = search.box_init.astype(dict.fromkeys(steps, float))
        return list(search.find_box().box_lims)


def _conditions(inputs: Sequence[Input], limits: Any) -> list[Condition]:
    found = []
    for each in inputs:
        low, high = limits[each.key]
        if each.is_named:
            condition = among(each, [float(code) for code in low])
        elif each.levels.size <= MOST_STEPS:
            first, last = int(np.ceil(low)), int(np.floor(high))
            condition = bounded(each, each.levels[first], each.levels[last])
        else:
            condition = bounded(each, float(low), float(high))
        found += [] if condition is None else [condition]
    return found


def _best(boxes: Sequence[Box], threshold: float) -> Box:
    dense = [box for box in boxes if box.density >= threshold]
    if dense:
        return max(dense, key=lambda box: (box.coverage, box.density))
    return max(boxes, key=lambda box: (box.density, box.coverage))


def _cart_boxes(
    inputs: Sequence[Input], answers: Floats, threshold: float, most: int
) -> Iterator[list[Condition]]:
    """Give the conditions of the leaves of a tree, those that are dense enough first."""
    boxes = [counted_box(each, inputs, answers) for each in _leaves(inputs, answers)]
    dense = sorted((b for b in boxes if b.density >= threshold), key=lambda box: -box.coverage)
    for box in (dense or [_best(boxes, threshold)])[:most]:
        yield list(box.conditions)


def _leaves(inputs: Sequence[Input], answers: Floats) -> list[list[Condition]]:
    pd = need("pandas", "experiments")
    # A column for each value of a choice: CART's own ones mix up the choices of its leaves.
    columns: dict[tuple[str, float | None], Floats] = {}
    for each in inputs:
        if each.is_named:
            columns |= {(each.key, code): (each.codes == code) * 1.0 for code in each.levels}
        else:
            columns[each.key, None] = each.codes
    names = {f"{number}": column for number, column in enumerate(columns)}
    data = pd.DataFrame({name: columns[column] for name, column in names.items()})
    with _quiet():
        cart = need("ema_workbench.analysis.cart", "experiments")
        trees = need("sklearn.tree", "experiments")
        found = cart.CART(data, answers.astype(bool), mass_min=SMALLEST)
        # Its own tree breaks ties at random, which would give another rule each time.
        smallest = max(int(SMALLEST * answers.size), 1)
        found.clf = trees.DecisionTreeClassifier(
            min_samples_leaf=smallest, max_depth=_DEEPEST, random_state=0
        ).fit(data.to_numpy(), answers.astype(bool))
        if found.clf.tree_.node_count == 1:
            return [[]]
        return [_leaf(inputs, names, limits) for limits in found.boxes]


def _leaf(inputs: Sequence[Input], names: dict[str, Any], limits: Any) -> list[Condition]:
    found = []
    for each in inputs:
        mine = {code: limits[name] for name, (key, code) in names.items() if key == each.key}
        if each.is_named:
            only = [code for code, (low, _) in mine.items() if low > 0.0]
            allowed = only or [code for code, (_, high) in mine.items() if high >= 1.0]
            condition = among(each, allowed)
        else:
            condition = bounded(each, *(float(limit) for limit in mine[None]))
        found += [] if condition is None else [condition]
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep back what EMA Workbench says about libraries that are not used here, and to itself."""
    with warnings.catch_warnings():
        # It drops a column in a way that a later pandas will not have.
        warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop", Warning)
        warnings.filterwarnings("ignore", "ipyparallel not installed", UserWarning)
        warnings.filterwarnings("ignore", "altair based interactive", ImportWarning)
        warnings.filterwarnings("ignore", ".* connector not available", ImportWarning)
        yield
