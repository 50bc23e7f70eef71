"""What counts as a number where users hand one over: truth values, texts and nan do not."""

from typing import TypeGuard

import numpy as np


def is_whole_number(value: object) -> TypeGuard[int]:
    """Whether a value is a whole number, Python's or NumPy's, and no truth value."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def is_amount(value: object) -> TypeGuard[float]:
    """Whether a value is a finite number from 0 on, and no truth value."""
    is_number = isinstance(value, int | float | np.number) and not isinstance(value, bool)
    return bool(is_number and 0 <= value < np.inf)  # type: ignore[operator]
