"""Shapley values: what each of several causes does, when together they do more or less.

Shapley, L. S. (1953), "A value for n-person games", Contributions to the Theory of Games II,
https://doi.org/10.1515/9781400881970-018. The value of a cause is what it adds on average, over all
orders in which the causes may come one after the other. Values of all causes add up to what all of
them together do.
"""

from math import factorial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shapley_values(of_sets: Floats) -> Floats:
    """Return the Shapley value of each cause.

    Parameters
    ----------
    of_sets : array (2**causes, ...)
        What comes out with every set of causes: place ``m`` has the causes whose bits are set in m,
        bit i for cause i. Further axes, such as outcomes and replicates, are kept.

    Returns
    -------
    array (causes, ...)
        Their values.
    """
    causes = _causes(of_sets)
    sets = np.arange(of_sets.shape[0])
    sizes = np.array([place.bit_count() for place in range(of_sets.shape[0])])
    values = []
    for cause in range(causes):
        without = sets[(sets >> cause) & 1 == 0]
        weights = np.array([_weight(size, causes) for size in sizes[without].tolist()])
        added = of_sets[without | 1 << cause] - of_sets[without]
        values.append(np.tensordot(weights, added, axes=1))
    return np.array(values)


def alone(of_sets: Floats) -> Floats:
    """Return what each cause does without any other (causes, ...)."""
    return np.array([of_sets[1 << cause] - of_sets[0] for cause in range(_causes(of_sets))])


def last(of_sets: Floats) -> Floats:
    """Return what each cause adds to all others (causes, ...)."""
    everything = of_sets.shape[0] - 1
    return np.array(
        [
            of_sets[everything] - of_sets[everything ^ 1 << cause]
            for cause in range(_causes(of_sets))
        ]
    )


def _causes(of_sets: Floats) -> int:
    causes = int(of_sets.shape[0]).bit_length() - 1
    if of_sets.shape[0] != 1 << causes:
        raise ValueError(f"{of_sets.shape[0]} sets: the sets of n causes are 2**n")
    return causes


def _weight(size: int, causes: int) -> float:
    """Return the share of orders in which exactly these come before the cause."""
    return factorial(size) * factorial(causes - size - 1) / factorial(causes)
