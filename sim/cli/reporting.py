"""The command that writes a report."""

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.options import Language
from sim.cli.progress import progress_bar

AnyFolder = Annotated[
    Path,
    typer.Argument(
        metavar="DIR",
        help="A folder that a run, a comparison, an explanation or a sweep has left.",
        show_default=False,
    ),
]
ReportFile = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="FILE",
        help="The file, in place of an earlier report.",
        show_default="DIR/report.html",
    ),
]


def report(folder: AnyFolder, out: ReportFile = None, lang: Language = None) -> None:
    """Write what a folder holds as one HTML page: findings, figures, scenario, sources, recipe."""
    with progress_bar("report") as tell:
        tell(0.0, "drawing figures")
        from sim.report import write_report

        path = write_report(folder, out)
    print(path)
