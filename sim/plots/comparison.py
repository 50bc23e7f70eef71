"""The figures of a comparison, from its tables or its folder."""

import re
from pathlib import Path

from matplotlib.figure import Figure

from sim.experiments.compare import Comparison
from sim.experiments.comparison_folder import FIGURES, read_comparison
from sim.plots.differences import differences_figure
from sim.plots.drawing import write_figures
from sim.plots.gains import gains_figure
from sim.plots.pairs import PairsName


def comparison_figures(comparison: Comparison) -> dict[str, Figure]:
    """Return the figures of a comparison by name.

    Parameters
    ----------
    comparison : Comparison
        What is shown.

    Returns
    -------
    dict of str to Figure
        ``differences``, and ``gains_1_…`` for each variant whose households were compared.
    """
    figures = {"differences": differences_figure(comparison.differences, _pairs(comparison))}
    for place, variant in enumerate(comparison.gains["variant"].unique(maintain_order=True), 1):
        figures[f"gains_{place}_{_file_name(variant)}"] = figure_of_gains(comparison, variant)
    return figures


def figure_of_gains(comparison: Comparison, variant: str) -> Figure:
    """Return the figure that shows who gains and who loses by a variant."""
    before = comparison.about["income_before"].get(variant, "")
    return gains_figure(comparison.gains, variant, _pairs(comparison), before)


def _pairs(comparison: Comparison) -> PairsName:
    about = comparison.about
    return PairsName(
        comparison.base, comparison.replicates, about["seed"], float(about["confidence"])
    )


def draw_comparison(folder: Path) -> list[Path]:
    """Draw the figures of a comparison into its folder, in place of earlier ones.

    Parameters
    ----------
    folder : Path
        The folder of a comparison.

    Returns
    -------
    list of Path
        The PNG files; the PDF of the same name lies beside each.

    Raises
    ------
    RunError
        If it is no folder of a comparison, or its figures cannot be written.
    """
    return write_figures(comparison_figures(read_comparison(folder)), folder / FIGURES)


def _file_name(variant: str) -> str:
    """Return a name without what file systems do not take."""
    return re.sub(r"[^\w+.-]", "_", variant)
