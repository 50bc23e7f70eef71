"""How outcomes of a sweep answer to a key: means of groups of runs, with intervals."""

from textwrap import fill
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import Outcome
from sim.experiments.responses import Answer, answers_of, groups_of, told
from sim.experiments.sweep_result import SweepResult
from sim.plots.letters import in_letters_at_hand
from sim.plots.style import (
    BLUE,
    GREY,
    LABEL_POINTS,
    SMALL_POINTS,
    amount,
    dress,
    finished,
    new_figure,
    plain_figure,
    plain_ticks,
    yuan_unit,
)
from sim.words import t, together

_PANEL_INCHES: Final = 2.1
_LABEL_CHARACTERS: Final = 14
_MOST_GROUPS: Final = 12
_MOST_PANELS: Final = 4


class SweepName(NamedTuple):
    """A sweep that a figure shows."""

    scenario: str
    points: int
    replicates: int

    @property
    def footer(self) -> str:
        """The footer."""
        text = t(
            "Scenario {scenario}: {points} points, {replicates} replicates.",
            scenario=self.scenario,
            points=f"{self.points:,}",
            replicates=f"{self.replicates:,}",
        )
        if self.replicates > 1:
            return together(text, t("Bars are 95 % intervals over replicates."))
        return together(text, t("One replicate: no interval."))


def sweep_figure(result: SweepResult, key: str, outcomes: list[Outcome]) -> Figure:
    """Draw how the most telling of some outcomes of a sweep answer to a key.

    Parameters
    ----------
    result : SweepResult
        The sweep.
    key : str
        One of its keys.
    outcomes : list of Outcome
        What may be shown.
    """
    about = result.about
    name = SweepName(about.get("name", ""), about["design"]["points"], about["replicates"])
    return responses_figure(result.to_polars(), key, told(outcomes)[:_MOST_PANELS], name)


@in_letters_at_hand
def responses_figure(
    runs: pl.DataFrame, key: str, outcomes: list[Outcome], name: SweepName
) -> Figure:
    """Draw how outcomes answer to a key.

    Parameters
    ----------
    runs : polars.DataFrame
        A row for each run of a sweep.
    key : str
        The key.
    outcomes : list of Outcome
        What is shown, each in a panel.
    name : SweepName
        Which sweep it is.

    Returns
    -------
    Figure
        The mean of each value of the key, or of each quarter of its values, with its interval;
        single runs in grey.
    """
    title = t("What follows {key}", key=key)
    groups = groups_of(runs, key)[:_MOST_GROUPS]
    if not groups or not outcomes:
        return plain_figure(title, t("No run has an outcome that could be drawn."), name)
    rows = -(-len(outcomes) // 2)
    figure = new_figure(0.8 + _PANEL_INCHES * rows, title, name, t("Grey: single runs."))
    grid = figure.subplots(rows, 2, squeeze=False)
    for axes, outcome in zip(grid.flat, outcomes, strict=False):
        _draw(axes, answers_of(groups, outcome), outcome)
    for axes in grid.flat[len(outcomes) :]:
        axes.set_axis_off()
    return finished(figure)


def _draw(axes: Axes, answers: list[Answer], outcome: Outcome) -> None:
    seen = [answer.group.rows[outcome.name].drop_nulls().drop_nans() for answer in answers]
    largest = max((float(np.abs(each.to_numpy()).max()) for each in seen if len(each)), default=0.0)
    unit, size = outcome.unit, 1.0
    if unit.startswith("yuan"):
        best = yuan_unit(largest)
        unit, size = best.name, best.size
    else:
        unit = t("share") if unit == "1" else t(unit)
    for place, (answer, values) in enumerate(zip(answers, seen, strict=True)):
        # Beside each other in the order of the table, so that the same sweep looks the same.
        spread = place + 0.16 * np.linspace(-1.0, 1.0, len(values)) if len(values) > 1 else [place]
        if len(values):
            axes.plot(spread, values.to_numpy() / size, ".", color=GREY, markersize=2.5, alpha=0.6)
        mean, low, high = answer.mean
        axes.plot([place, place], [low / size, high / size], color=BLUE, linewidth=1.6)
        axes.plot([place], [mean / size], "o", color=BLUE, markersize=5)
    dress(axes, unit)
    axes.set_title(t(NAMES.get(outcome.name, outcome.meaning)), size=LABEL_POINTS, loc="left")
    labels = [fill(_label(answer.group.label), _LABEL_CHARACTERS) for answer in answers]
    axes.set_xticks(range(len(answers)), labels, size=SMALL_POINTS)
    axes.set_xlim(-0.5, len(answers) - 0.5)
    plain_ticks(axes.yaxis)


def _label(text: str) -> str:
    try:
        return amount(float(text))
    except ValueError:
        return text.replace(",", ", ").replace('"', "")
