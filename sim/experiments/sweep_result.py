"""What a sweep has found: a row for each run, in memory or in a folder, as data frames."""

import importlib
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.errors import ScenarioError
from sim.experiments.extras import need
from sim.experiments.plan import ERROR_COLUMN, run_schema
from sim.experiments.shards import read_batch, read_folder
from sim.scenario.fields import listed, nearest


class SweepResult:
    """The runs of a sweep, finished or not.

    Columns are ``run``, ``point``, ``replicate``, ``seed``, the keys that are varied, the outcomes
    and ``error``. Rows are in the order of runs; outcomes of a run that failed are null, an outcome
    that a run does not have is nan.

    Parameters
    ----------
    manifest : mapping
        What is run; see sim.experiments.plan.
    batches : mapping
        Finished batches by number: Arrow tables, or files with them.
    folder : Path, optional
        The sweep folder, if there is one.
    """

    def __init__(
        self, manifest: Mapping[str, Any], batches: Mapping[int, Any], folder: Path | None = None
    ) -> None:
        self.manifest = manifest
        self.folder = folder
        self._batches = batches

    @property
    def about(self) -> dict[str, Any]:
        """What is run: design, keys, replicates, outcomes and the rest of the manifest."""
        return dict(self.manifest["sweep"])

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are varied."""
        return tuple(self.about["keys"])

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Names of the outcomes."""
        return tuple(self.about["outcomes"])

    @property
    def missing_batches(self) -> list[int]:
        """Numbers of the batches that are not there yet."""
        return [number for number in range(self.about["batches"]) if number not in self._batches]

    @property
    def is_complete(self) -> bool:
        """Whether every run is there."""
        return not self.missing_batches

    @cached_property
    def table(self) -> Any:
        """The runs as an Arrow table."""
        import pyarrow as pa

        none = run_schema(self.about["keys"], self.outcomes).empty_table()
        there = [batch for _, batch in sorted(self._batches.items())]
        read = (each if isinstance(each, pa.Table) else read_batch(each) for each in there)
        return pa.concat_tables([none, *(table.replace_schema_metadata(None) for table in read)])

    @property
    def runs_there(self) -> int:
        """Number of runs that are there."""
        size, runs = self.about["runs_per_batch"], self.about["runs"]
        return sum(min(size, runs - number * size) for number in self._batches)

    @cached_property
    def errors(self) -> Counter[str]:
        """How often each error came up; without holding all runs in memory."""
        found: Counter[str] = Counter()
        for batch in self._batches.values():
            is_file = isinstance(batch, Path)
            table = read_batch(batch, [ERROR_COLUMN]) if is_file else batch
            found.update(filter(None, table.column(ERROR_COLUMN).to_pylist()))
        return found

    @property
    def failures(self) -> Any:
        """The runs that failed, as a Polars data frame."""
        runs = self.to_polars()
        return runs.filter(runs[ERROR_COLUMN].is_not_null())

    def to_polars(self) -> Any:
        """Return the runs as a Polars data frame."""
        import polars as pl

        return pl.DataFrame(pl.from_arrow(self.table))

    def to_pandas(self) -> Any:
        """Return the runs as a pandas data frame.

        Raises
        ------
        RunError
            If pandas is not installed.
        """
        need("pandas", "notebook")
        return self.table.to_pandas()

    def to_xarray(self) -> Any:
        """Return the outcomes as an xarray dataset.

        Of a complete grid the dimensions are the keys and ``replicate``; of anything else they are
        ``point``, with the keys as its coordinates, and ``replicate``. A run that failed, or is
        not there, is nan.

        Raises
        ------
        RunError
            If xarray is not installed.
        """
        from sim.experiments.sweep_arrays import dataset_of

        return dataset_of(self)

    def plot(self, key: str | None = None, *outcomes: str) -> Any:
        """Return a matplotlib figure: how outcomes answer to a key, with intervals.

        Parameters
        ----------
        key : str, optional
            One of `keys`; the first if not given.
        *outcomes : str
            Names of outcomes, at most four; the most telling ones if not given.

        Raises
        ------
        ScenarioError
            If there is no such key or outcome.
        """
        # By name, for figures are made from results and no experiment depends on them.
        drawing = importlib.import_module("sim.plots.responses")
        answers = importlib.import_module("sim.experiments.responses")
        chosen = next(iter(self.keys), "") if key is None else key
        _check_names("key", (chosen,), self.keys)
        _check_names("outcome", outcomes, self.outcomes)
        found = answers.outcomes_in(self.to_polars(), outcomes or self.outcomes)
        return drawing.sweep_figure(self, chosen, found)

    def __repr__(self) -> str:
        """Tell what was run, in one line."""
        return f"<SweepResult {self._words()}>"

    def _repr_html_(self) -> str:
        """Tell what was run and what came out, for notebooks."""
        from sim.experiments.sweep_html import html_of

        return html_of(self, self._words())

    def _words(self) -> str:
        about = self.about
        design = about["design"]
        failed = self.errors.total()
        parts = [
            f"{about.get('name', '')}: {design['points']:,} points ({design['name']})",
            f"{about['replicates']:,} replicates",
            f"{self.runs_there:,} of {about['runs']:,} runs",
        ]
        parts += [f"{failed:,} failed"] if failed else []
        return ", ".join(parts)


def _check_names(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for name in given:
        if name not in known:
            allowed = listed(known) or f"no {what}: there is none"
            raise ScenarioError("plot", what, name, allowed, nearest(name, known))


def read_sweep(folder: str | Path) -> SweepResult:
    """Read a sweep folder, finished or not.

    Parameters
    ----------
    folder : str or Path
        The folder.

    Raises
    ------
    RunError
        If it is not a sweep folder.
    """
    path = Path(folder)
    contents = read_folder(path)
    return SweepResult(contents.manifest, contents.files, path)
