"""What was measured: every run's value, and what is to be reached."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Measure:
    name: str
    unit: str
    values: Sequence[float]
    """One for each run; the median stands for them."""
    world: str
    """The scenario that was run."""
    at_most: float | None = None
    at_least: float | None = None

    @property
    def median(self) -> float:
        return median(self.values)

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None if there is none."""
        if self.at_most is not None:
            return self.median <= self.at_most
        return None if self.at_least is None else self.median >= self.at_least

    @property
    def target(self) -> str:
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "" if self.at_least is None else f"at least {self.at_least:g}"


Tell = Callable[[str], None]
"""Told what is being measured now."""
