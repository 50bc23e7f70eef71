"""What all analyses of a sweep have in common: a table, sentences, a figure, a place on disk."""

import importlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, ClassVar, Final

from sim.errors import RunError
from sim.experiments.extras import need
from sim.experiments.shards import put, told

_NUMBER: Final = "text-align: right; font-variant-numeric: tabular-nums"


@dataclass(frozen=True)
class Analysis:
    """The findings of an analysis.

    Attributes
    ----------
    about : mapping
        What was asked, of which runs, by which rules: plain JSON.
    table : polars.DataFrame
        The findings.
    notes : tuple of str
        What a reader must know to understand them, a sentence each.
    """

    name: ClassVar[str] = ""
    """Name of the command, and of the folder that keeps the findings."""

    index: ClassVar[tuple[str, ...]] = ()
    """Columns that tell the rows of the table apart."""

    about: Mapping[str, Any]
    table: Any
    notes: tuple[str, ...]

    def headline(self) -> str:
        """Return what was found, in a sentence."""
        return ""

    def tables(self) -> dict[str, Any]:
        """Return all tables by the names of their files."""
        return {self.name: self.table}

    def to_polars(self) -> Any:
        """Return the findings as a Polars data frame."""
        return self.table

    def to_pandas(self) -> Any:
        """Return the findings as a pandas data frame.

        Raises
        ------
        RunError
            If pandas is not installed.
        """
        need("pandas", "notebook")
        return self.table.to_arrow().to_pandas()

    def to_xarray(self) -> Any:
        """Return the findings as an xarray dataset, by what tells their rows apart.

        Raises
        ------
        RunError
            If xarray is not installed.
        """
        from sim.experiments.sweep_arrays import dataset_of_table

        return dataset_of_table(self.table, self.index)

    def plot(self) -> Any:
        """Return a matplotlib figure of the findings."""
        # By name, for figures are made from results and no analysis depends on them.
        drawing = importlib.import_module(f"sim.plots.{self.name}")
        return getattr(drawing, f"{self.name}_figure")(self.about, self.tables())

    def __repr__(self) -> str:
        """Tell what was found, in one line."""
        return f"<{type(self).__name__} of {self.about['sweep']}: {self.headline()}>"

    def _repr_html_(self) -> str:
        """Show the findings, for notebooks."""
        return "".join(self._html())

    def _html(self) -> Iterator[str]:
        yield f"<p><b>{self.name.capitalize()}</b> of {escape(str(self.about['sweep']))}. "
        yield f"{escape(self.headline())}</p><table><thead><tr>"
        yield from (f"<th>{escape(name)}</th>" for name in self.table.columns)
        yield "</tr></thead><tbody>"
        for row in self.table.iter_rows():
            yield "<tr>"
            for value in row:
                style = _NUMBER if isinstance(value, int | float) else "text-align: left"
                yield f'<td style="{style}">{escape(shown(value))}</td>'
            yield "</tr>"
        yield "</tbody></table><ul>"
        yield from (f"<li>{escape(note)}</li>" for note in self.notes)
        yield "</ul>"


def shown(value: Any) -> str:
    """Return a value as it is shown to people."""
    if value is None or value != value:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def percent(share: float | None) -> str:
    """Return a share (0-1) as a percentage."""
    return "–" if share is None or share != share else f"{100.0 * share:.0f} %"


def write_analysis(analysis: Analysis, folder: Path) -> list[Path]:
    """Write the findings as Parquet and CSV files, and what they mean as JSON.

    Parameters
    ----------
    analysis : Analysis
        The findings.
    folder : Path
        Where to; files of an earlier analysis of that kind are replaced.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    RunError
        If they cannot be written.
    """
    from io import BytesIO

    contents: dict[Path, bytes] = {}
    for name, table in analysis.tables().items():
        for suffix in (".parquet", ".csv"):
            stream = BytesIO()
            _write_table(table, suffix, stream)
            contents[folder / f"{name}{suffix}"] = stream.getvalue()
    said = {**analysis.about, "headline": analysis.headline(), "notes": list(analysis.notes)}
    text = json.dumps(said, indent=2, ensure_ascii=False)
    contents[folder / "about.json"] = f"{text}\n".encode()
    # All is made before the first file is replaced, so that none tells of other findings.
    check_findings(folder)
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            put(path, content)
    return list(contents)


def check_findings(folder: Path) -> None:
    """Refuse a folder that findings cannot be written to, before anything is run for them.

    Parameters
    ----------
    folder : Path
        Where they are to be.

    Raises
    ------
    RunError
        If it is a file, lies in one, or must not be written to.
    """
    place = folder.resolve()
    there = next(path for path in (place, *place.parents) if path.exists())
    if not there.is_dir():
        raise RunError(f"{folder}: {there.name} is a file; allowed: a folder, old or new")
    if not os.access(there, os.W_OK | os.X_OK):
        raise RunError(f"{folder}: no permission to write there")


def _write_table(table: Any, suffix: str, stream: Any) -> None:
    if suffix == ".csv":
        table.write_csv(stream)
    else:
        table.write_parquet(stream)
