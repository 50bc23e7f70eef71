"""The machine that measured, in words that tell nobody where it stands."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("villagesim", "numba", "numpy", "mesa")
IDLE = 0.5
BUSY = " (other programs ran: times on the clock are too long)"


def description() -> dict[str, str]:
    from sim.compiled import cache_folder_name

    load = load_before()
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    sources = cache_folder_name(Path(__file__).resolve().parents[1] / "sim")
    return {
        "machine": f"{_processor()}, {os.cpu_count()} processors, {_memory()}",
        "load before": "unknown" if load is None else f"{load:.1f}{BUSY if load > IDLE else ''}",
        "system": f"{platform.system()} {platform.machine()}",
        "versions": f"Python {platform.python_version()}, {packages}",
        "sources": sources,  # a hash of all that is compiled
        "date": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> str:
    """Return the processor's name, which Python itself only knows on some systems."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor() or platform.machine()


def _memory() -> str:
    if not hasattr(os, "sysconf"):
        return "memory unknown"
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f"{pages / 2**30:.0f} GiB"


def load_before() -> float | None:
    """Return how many programs wanted a processor in the last minute, on average."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None
