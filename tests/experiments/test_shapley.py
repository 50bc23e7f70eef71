"""Shapley values against known answers: games that add up, and games that do not."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from sim.experiments.shapley import alone, last, shapley_values

Floats = NDArray[np.float64]


def game(function: object, causes: int) -> Floats:
    """What comes out with each set of causes."""
    sets = [[place >> bit & 1 for bit in range(causes)] for place in range(1 << causes)]
    return np.array([function(*present) for present in sets], np.float64)  # type: ignore[operator]


def over_all_orders(of_sets: Floats) -> Floats:
    """The values by their definition: the mean over all orders in which causes may come."""
    causes = of_sets.shape[0].bit_length() - 1
    orders = list(permutations(range(causes)))
    values = np.zeros((causes, *of_sets.shape[1:]))
    for order in orders:
        there = 0
        for cause in order:
            values[cause] += of_sets[there | 1 << cause] - of_sets[there]
            there |= 1 << cause
    return values / len(orders)


def test_causes_that_add_up_have_their_own_effects_as_values() -> None:
    additive = game(lambda a, b, c, d: 7.0 + 1.0 * a + 2.0 * b - 3.0 * c + 0.0 * d, 4)

    for values in (shapley_values(additive), alone(additive), last(additive)):
        assert values == pytest.approx([1.0, 2.0, -3.0, 0.0])


def test_two_causes_that_work_only_together_share_what_they_do() -> None:
    both = game(lambda a, b, c: 10.0 * a * b + 1.0 * c, 3)

    assert shapley_values(both) == pytest.approx([5.0, 5.0, 1.0])
    assert alone(both) == pytest.approx([0.0, 0.0, 1.0])
    assert last(both) == pytest.approx([10.0, 10.0, 1.0])


def test_what_any_of_three_does_is_shared_by_three() -> None:
    enough = game(lambda a, b, c: 6.0 * max(a, b, c), 3)

    assert shapley_values(enough) == pytest.approx([2.0, 2.0, 2.0])
    assert alone(enough) == pytest.approx([6.0, 6.0, 6.0])
    assert last(enough) == pytest.approx([0.0, 0.0, 0.0])


def test_one_glove_against_two() -> None:
    """The textbook's glove game: a left glove and two right ones; a pair is worth 1."""
    gloves = game(lambda left, right, other: float(left and (right or other)), 3)

    assert shapley_values(gloves) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_a_cause_that_helps_another_gets_half_of_the_help() -> None:
    helping = game(lambda a, b: 4.0 * a + 2.0 * b + 3.0 * a * b, 2)

    assert shapley_values(helping) == pytest.approx([5.5, 3.5])


@given(arrays(np.float64, (16, 3), elements=st.floats(-1e6, 1e6)))
def test_values_are_the_mean_over_all_orders(of_sets: Floats) -> None:
    assert shapley_values(of_sets) == pytest.approx(over_all_orders(of_sets), abs=1e-6)


@given(arrays(np.float64, (32,), elements=st.floats(-1e6, 1e6)))
def test_values_add_up_to_what_all_do_together(of_sets: Floats) -> None:
    assert shapley_values(of_sets).sum() == pytest.approx(of_sets[-1] - of_sets[0], abs=1e-5)


def test_one_cause_has_all_that_it_does() -> None:
    assert shapley_values(np.array([3.0, 8.0])) == pytest.approx([5.0])


def test_sets_of_n_causes_are_two_to_the_n() -> None:
    with pytest.raises(ValueError, match=r"6 sets: the sets of n causes are 2\*\*n"):
        shapley_values(np.zeros(6))
