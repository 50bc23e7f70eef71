"""What a validation of regions has found, on screen and as figures."""

import math
import os
from typing import Any

from sim.cli.terminal import output_console, show


def draw_figures(found: Any) -> None:
    """Draw the figures of a validation of regions into its folder."""
    from sim.plots.drawing import write_figures
    from sim.plots.forecasts import forecast_figures

    write_figures(forecast_figures(found.tables, len(found.parameters.draws)), found.folder)


def print_regions(found: Any) -> None:
    """Print the scores of a validation of regions, and where its tables are."""
    from rich.markup import escape

    from sim.experiments.fitted_parameters import REGISTRY

    console = output_console()
    show(console, f"[bold]Draws: {len(found.parameters.draws):,}, runs: {found.runs:,}[/]")
    if found.parameters.source.kind == REGISTRY:
        text = "There is no posterior of regions: values of the registry are used, and "
        show(console, f"[yellow]{text}draws differ by luck and map alone.[/]")
    if found.forecasts.failed:
        show(console, f"[yellow]Runs that failed and are left out: {found.forecasts.failed:,}[/]")
    show(console, _scores(found.forecasts.scores, "test", "Lists and facts that were not fitted"))
    show(console, _scores(found.forecasts.scores, "fit", "Those that were fitted"))
    show(console, f"Tables and figures are in [bold]{escape(str(found.folder))}{os.sep}[/]")


def _scores(rows: Any, role: str, title: str) -> Any:
    from rich import box
    from rich.table import Table

    from sim.experiments.forecasts import PREDICTOR_NAMES

    heads = ("", "", "targets", "off by", "bias", "50 % hold", "90 % hold", "CRPS")
    made = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for place, head in enumerate(heads):
        made.add_column(head, justify="left" if place < 2 else "right", overflow="fold")
    before = ""
    for row in sorted((row for row in rows if row["role"] == role), key=lambda row: row["group"]):
        group = "" if row["group"] == before else row["group"]
        before = row["group"]
        made.add_row(
            group,
            PREDICTOR_NAMES[row["predictor"]],
            f"{row['targets']}",
            _percent(row["error_percent"]),
            _percent(row["bias_percent"], "+"),
            _percent(100.0 * row["covered_50"]),
            _percent(100.0 * row["covered_90"]),
            _percent(row["crps_percent"]),
        )
    return made


def _percent(value: float, sign: str = "") -> str:
    return f"{value:{sign}.0f} %" if math.isfinite(value) else "–"
