"""The question that boxes answer, such as "listed within 5 years": true or false for every run.

A run that ended before the time was over, with nothing listed, has no answer. A question whose
answer would be missing for that reason is refused; other runs without an answer are left out.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.plan import ERROR_COLUMN
from sim.experiments.stored_runs import FOLLOWED, chosen_outcomes, is_time
from sim.experiments.sweep_result import SweepResult

USUAL: Final = "listed within 5 years"
FORMS: Final = "'listed within 5 years', 'crossed within 18 months', or OUTCOME<=NUMBER"

_WITHIN: Final = re.compile(r"(listed|crossed)\s+within\s+(\d+(?:\.\d+)?)\s+(day|month|year)s?")
_ABOUT: Final = re.compile(r"(\w+)\s*(<=|>=|<|>)\s*([-+]?[\d_.]+(?:e[-+]?\d+)?)", re.IGNORECASE)
_DAYS: Final = {"day": 1.0, "month": 365.25 / 12.0, "year": 365.25}


@dataclass(frozen=True)
class Question:
    """An outcome held against a number.

    Attributes
    ----------
    text : str
        How it was asked.
    outcome : str
        The outcome.
    sign : str
        ``<=``, ``<``, ``>=`` or ``>``.
    limit : float
        The number, in the unit of the outcome.
    """

    text: str
    outcome: str
    sign: str
    limit: float

    @property
    def is_within(self) -> bool:
        """Whether it asks for something to come about within a time."""
        return self.sign in ("<", "<=")

    def answers(self, sweep: SweepResult) -> NDArray[np.float64]:
        """Return 1 for yes and 0 for no for every run, nan where there is no answer.

        Raises
        ------
        ScenarioError
            If the outcome is unknown, or runs end too soon for an answer.
        """
        chosen_outcomes(sweep.outcomes, [self.outcome])
        runs = sweep.to_polars()
        values = runs[self.outcome].to_numpy().astype(np.float64)
        is_there = runs[ERROR_COLUMN].is_null().to_numpy()
        late = np.zeros(values.size, dtype=bool)
        if is_time(self.outcome, sweep.outcomes):
            late = is_there & np.isnan(values)
            self._check_followed(runs.filter(late)[FOLLOWED].min())
            values = np.where(late, np.inf, values)
        answers = np.where(np.isnan(values), np.nan, self._holds(values).astype(np.float64))
        found: NDArray[np.float64] = np.where(is_there, answers, np.nan)
        return found

    def _holds(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        compare = {"<=": np.less_equal, "<": np.less, ">=": np.greater_equal, ">": np.greater}
        with np.errstate(invalid="ignore"):
            found: NDArray[np.bool_] = compare[self.sign](values, self.limit)
        return found

    def _check_followed(self, shortest_days: float | None) -> None:
        if shortest_days is not None and shortest_days <= self.limit:
            allowed = (
                f"a time shorter than the runs, some of which end after {shortest_days:,.0f} days "
                "without it"
            )
            raise ScenarioError("question", "", self.text, allowed)


def read_question(text: str) -> Question:
    """Read a question.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    words = text.strip()
    if match := _WITHIN.fullmatch(words):
        days = float(match[2]) * _DAYS[match[3]]
        return Question(words, f"{match[1]}_after_days", "<=", days)
    if match := _ABOUT.fullmatch(words):
        try:
            return Question(words, match[1], match[2], float(match[3]))
        except ValueError:
            pass
    raise ScenarioError("question", "", text, FORMS)


def share_of(answers: NDArray[np.float64]) -> float:
    """Return the share of yes among the answers (0-1)."""
    found: Any = np.nanmean(answers)
    return float(found)
