"""The plan of a sweep: its runs and batches, and the manifest that says what they are.

Runs are numbered point by point, replicate by replicate. Replicate r of every point has the seed
`seed` + r, so that all points have the same luck. A batch is a fixed number of runs that follow
each other; which runs it has depends on the plan alone, never on who works through it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from sim.errors import ScenarioError
from sim.experiments.design import Design, arrow_type
from sim.experiments.executors import Request, Result
from sim.scenario.changes import Kind, Value

FORMAT: Final = "villagesim sweep 1"
"""Stands in every manifest under ``format``; the number rises when folders change."""
MOST_RUNS: Final = 100_000_000
MOST_REPLICATES: Final = 1_000_000

RUN_COLUMNS: Final = ("run", "point", "replicate", "seed")
"""The first columns of every table of runs."""
ERROR_COLUMN: Final = "error"
"""The last column: what went wrong in a run that failed, else null."""

_SEED_LIMIT: Final = 2**63
# Small enough that little is lost and that many workers have something to do; large enough that
# a file holds more than a few numbers.
_BATCHES_WANTED: Final = 128
_MOST_RUNS_PER_BATCH: Final = 20


class Batch(NamedTuple):
    """Runs that are done, and kept, together."""

    number: int
    first_run: int
    runs: int


@dataclass(frozen=True)
class Plan:
    """What a sweep runs.

    Attributes
    ----------
    design : Design
        The points.
    outcomes : tuple of str
        Names of the numbers that each run gives.
    replicates : int
        Runs of each point.
    seed : int
        Seed of the first replicate of every point.
    about : mapping
        What is run at each point, for the manifest: plain JSON.

    Raises
    ------
    ScenarioError
        If the replicates or the seed are not possible.
    """

    design: Design
    outcomes: tuple[str, ...]
    replicates: int = 1
    seed: int = 0
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be run."""
        if not 1 <= self.replicates <= MOST_REPLICATES:
            allowed = f"a whole number from 1 to {MOST_REPLICATES:,}"
            raise ScenarioError("replicates", "", self.replicates, allowed)
        if not 0 <= self.seed <= _SEED_LIMIT - self.replicates:
            allowed = "a whole number from 0 to 2**63 less the replicates"
            raise ScenarioError("seed", "", self.seed, allowed)
        if self.runs > MOST_RUNS:
            raise ScenarioError("sweep", "", f"{self.runs:,} runs", f"at most {MOST_RUNS:,}")
        columns = [*RUN_COLUMNS, *self.design.keys, *self.outcomes, ERROR_COLUMN]
        twice = sorted({name for name in columns if columns.count(name) > 1})
        if twice:
            raise ScenarioError(
                "sweep", twice[0], allowed="names that differ for keys and outcomes"
            )

    @property
    def runs(self) -> int:
        """Number of runs."""
        return len(self.design) * self.replicates

    @property
    def runs_per_batch(self) -> int:
        """Number of runs of every batch but the last."""
        return max(1, min(_MOST_RUNS_PER_BATCH, self.runs // _BATCHES_WANTED))

    @property
    def batches(self) -> int:
        """Number of batches."""
        return -(-self.runs // self.runs_per_batch)

    def batch(self, number: int) -> Batch:
        """Return a batch by its number, from 0."""
        first = number * self.runs_per_batch
        return Batch(number, first, min(self.runs_per_batch, self.runs - first))

    def requests(self, batch: Batch) -> list[Request]:
        """Return what is to be run in a batch."""
        points = self._points(batch)
        first_point = batch.first_run // self.replicates
        return [
            Request(points[run // self.replicates - first_point], self.seed + run % self.replicates)
            for run in range(batch.first_run, batch.first_run + batch.runs)
        ]

    def table(self, batch: Batch, results: list[Result]) -> Any:
        """Return the runs of a batch as an Arrow table, a row for each run."""
        import pyarrow as pa

        runs = range(batch.first_run, batch.first_run + batch.runs)
        points = [run // self.replicates for run in runs]
        replicates = [run % self.replicates for run in runs]
        seeds = [self.seed + replicate for replicate in replicates]
        columns: list[Any] = [list(runs), points, replicates, seeds]
        taken = self.design.points.take(points)
        columns += [column.combine_chunks() for column in taken.columns]
        columns += [
            [None if result.numbers is None else result.numbers[place] for result in results]
            for place in range(len(self.outcomes))
        ]
        columns.append([result.error or None for result in results])
        arrays = [
            values if isinstance(values, pa.Array) else pa.array(values, kind.type)
            for values, kind in zip(columns, self.schema, strict=True)
        ]
        named = {"sweep": self.digest, "batch": str(batch.number)}
        return pa.Table.from_arrays(arrays, schema=self.schema.with_metadata(named))

    @cached_property
    def schema(self) -> Any:
        """Arrow schema of the runs."""
        return run_schema(self.design.kinds, self.outcomes)

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """What is run, as plain JSON; the same wherever and however it is run."""
        design = self.design
        sweep = {
            **self.about,
            "design": {"name": design.name, "points": len(design), **design.about},
            "keys": dict(design.kinds),
            "points_sha256": design.digest(),
            "replicates": self.replicates,
            "seed": self.seed,
            "runs": self.runs,
            "runs_per_batch": self.runs_per_batch,
            "batches": self.batches,
            "outcomes": list(self.outcomes),
        }
        text = json.dumps(sweep, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        digest = hashlib.sha256(text.encode()).hexdigest()
        return {"format": FORMAT, "sha256": digest, "sweep": sweep}

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, in hexadecimal."""
        return str(self.manifest["sha256"])

    def _points(self, batch: Batch) -> list[dict[str, Value]]:
        first = batch.first_run // self.replicates
        last = (batch.first_run + batch.runs - 1) // self.replicates
        return self.design.values(first, last - first + 1)


def run_schema(kinds: Mapping[str, Kind], outcomes: Sequence[str]) -> Any:
    """Return the Arrow schema of a table of runs.

    Parameters
    ----------
    kinds : mapping
        What each key takes.
    outcomes : sequence of str
        Names of the outcomes.
    """
    import pyarrow as pa

    return pa.schema(
        [
            *((name, pa.int64()) for name in RUN_COLUMNS),
            *((key, arrow_type(kind)) for key, kind in kinds.items()),
            *((name, pa.float64()) for name in outcomes),
            (ERROR_COLUMN, pa.string()),
        ]
    )
