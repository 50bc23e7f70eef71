"""The manifest of a run folder: what was run, with what, and what it took.

Its part ``run`` is the same, byte for byte, whenever the same versions run the same scenario with
the same seed; its part ``machine`` is not.
"""

import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from sim.results.record import Cost, RunRecord
from sim.scenario import scenario_hash

FORMAT: Final = "villagesim run 1"
"""Stands in every manifest under ``format``; the number rises when folders change."""

_PACKAGES: Final = ("villagesim", "numpy", "numba", "mesa", "pyarrow")
_BYTES_PER_MB: Final = 1_000_000


def manifest_of(
    record: RunRecord, tables: Mapping[str, Mapping[str, Any]], cost: Cost
) -> dict[str, Any]:
    """Return the manifest of a run.

    Parameters
    ----------
    record : RunRecord
        The run.
    tables : mapping
        Rows and checksum of each file of a table.
    cost : Cost
        What it took.
    """
    return {
        "format": FORMAT,
        "run": {
            "name": record.scenario.name,
            "scenario_sha256": scenario_hash(record.scenario),
            "seed": record.seed,
            "start": record.scenario.start.isoformat(),
            "end": (record.planned_end or record.end).isoformat(),
            "complete": record.is_complete,
            "reached": record.end.isoformat(),
            "villages": len(record.villages),
            "households": record.households,
            "versions": versions(),
            "tables": dict(tables),
            "scenario": record.scenario.model_dump(mode="json"),
        },
        "machine": {
            "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
            "system": platform.platform(),
            "wall_s": round(cost.wall_s, 3),
            "compute_s": round(cost.compute_s, 3),
            "peak_mb": None if cost.peak_mb is None else round(cost.peak_mb, 1),
        },
    }


def cost_in(manifest: Mapping[str, Any]) -> Cost:
    """Return what a run took, from its manifest."""
    machine = manifest["machine"]
    return Cost(machine["wall_s"], machine["compute_s"], machine["peak_mb"])


def versions() -> dict[str, str]:
    """Return the versions that results may depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in _PACKAGES}


def peak_memory_mb() -> float | None:
    """Return the most memory that the process has had in use [MB]; None on Windows."""
    # What getrusage tells on Linux includes the memory of the program that started this one.
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / _BYTES_PER_MB
    try:
        import resource
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts in bytes, Linux in units of 1024 bytes.
    return most * (1 if sys.platform == "darwin" else 1024) / _BYTES_PER_MB
