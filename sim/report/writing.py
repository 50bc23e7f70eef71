"""Reports on disk: one HTML file for a folder, written as a whole or not at all."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import polars as pl

from sim.errors import RunError, ScenarioError
from sim.experiments.comparison_folder import FORMAT as COMPARISON
from sim.experiments.explanation_folder import FORMAT as EXPLANATION
from sim.experiments.extras import need
from sim.experiments.plan import FORMAT as SWEEP
from sim.experiments.shards import put, told
from sim.report.comparison_page import comparison_page
from sim.report.explanation_page import explanation_page
from sim.report.page import Page, html_of
from sim.report.run_page import run_page
from sim.report.sweep_page import sweep_page
from sim.results.manifest import FORMAT as RUN
from sim.results.placing import MANIFEST, read_json

REPORT: Final = "report.html"
"""Name of the report inside the folder, if no other place is asked for."""
_MARK: Final = b'<meta name="generator" content="villagesim '
_TOP_BYTES: Final = 4096
_PAGES: Final[Mapping[str, Callable[[Path], Page]]] = {
    RUN: run_page,
    COMPARISON: comparison_page,
    EXPLANATION: explanation_page,
    SWEEP: sweep_page,
}
_DAMAGED: Final = (
    AttributeError, KeyError, TypeError, ValueError, ScenarioError, pl.exceptions.PolarsError
)  # fmt: skip
"""What comes of a manifest or a table that lacks something."""


def write_report(folder: Path | str, out: Path | str | None = None) -> Path:
    """Write the report of a folder.

    Parameters
    ----------
    folder : Path or str
        Folder of a run, a comparison, an explanation or a sweep.
    out : Path or str, optional
        The file; ``report.html`` in the folder if not given. An earlier report there is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the folder is none of these, is damaged, or the file cannot be written; nothing is
        written then.
    """
    target = Path(folder) / REPORT if out is None else Path(out)
    if target.is_dir():
        raise RunError(f"{target}: this is a folder; allowed: a file such as {REPORT}")
    if target.exists() and not _is_report(target):
        raise RunError(f"{target}: this is another file; allowed: a new file or an earlier report")
    text = report_html(folder)
    with told(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        put(target, text.encode("utf-8"))
    return target


def _is_report(path: Path) -> bool:
    """Whether a file was written by this module; the mark stands near its top."""
    with told(path), path.open("rb") as file:
        return _MARK in file.read(_TOP_BYTES)


def report_html(folder: Path | str) -> str:
    """Return the report of a folder as HTML; the same folder gives the same text.

    Parameters
    ----------
    folder : Path or str
        Folder of a run, a comparison, an explanation or a sweep.

    Raises
    ------
    RunError
        If the folder is none of these or is damaged, or Jinja2 is not installed.
    """
    need("jinja2", "report")
    path = Path(folder)
    make_page = _PAGES[_format_of(path)]
    try:
        return html_of(make_page(path))
    except _DAMAGED as error:
        raise RunError(
            f"{path / MANIFEST}: damaged, or written by another version: {_told(error)}"
        ) from error


def _format_of(path: Path) -> str:
    """Return which kind of folder it is."""
    allowed = "allowed: the folder of a run, a comparison, an explanation or a sweep"
    if not path.is_dir():
        what = "this is a file" if path.exists() else "there is no such folder"
        raise RunError(f"{path}: {what}; {allowed}")
    if not (path / MANIFEST).is_file():
        raise RunError(f"{path}: no {MANIFEST} in it; {allowed}")
    found: Any = read_json(path / MANIFEST).get("format")
    if found not in _PAGES:
        known = ", ".join(_PAGES)
        raise RunError(f"{path / MANIFEST}: format = {found!r}; allowed: {known}")
    return str(found)


def _told(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else " ".join(str(error).split())
