"""Kill a sweep again and again, and compare: ``python -m benchmarks.sweep_kills``.

A sweep of a village is run undisturbed; then again, while it is killed by SIGKILL at random moments
and begun anew with 1, 2 or 4 workers, until it is finished; then in three shards that are merged.
All must leave the same files, byte for byte. Needs a system that has SIGKILL.
"""

import argparse
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

SCENARIO = "cangtian-without-platform"  # a policy of 2017 must start before the end
CHANGES = ["end=2011-12-31"]
VARY = ["behaviour.open_gain", "villages.Cangtian.broadband_year=2003:2010"]
WORKERS = (1, 2, 4)
SHARDS = 3
LOOKS_S = 0.002
"""Time between two looks into the folder [s]."""


def command(name: str, *arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("villagesim")), name, *arguments]


def run(*arguments: str) -> None:
    done = subprocess.run(arguments, check=False, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)} failed:\n{done.stderr}")


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder, hidden ones too, with a hash of what is in it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def finished(folder: Path) -> int:
    return len(list((folder / "runs").glob("batch-*.parquet")))


def chance(number: int) -> float:
    """A number from 0 to 1, different for each kill and the same in every test."""
    digest = hashlib.blake2s(str(number).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "little") / 2**64


def half_written(folder: Path) -> bool:
    return any((folder / "runs").glob(".*"))


def kill_once(arguments: list[str], folder: Path, batches: int, further_s: float | None) -> bool:
    """Let a sweep finish so many more batches, and kill it; tell if it had ended.

    It is killed a moment later, or, without one, when it is next seen writing a file.
    """
    wanted = finished(folder) + batches
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None and finished(folder) < wanted:
            time.sleep(LOOKS_S)
        while further_s is None and process.poll() is None and not half_written(folder):
            pass
        try:
            return process.wait(further_s or 0.0) == 0
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return False


def killed_again_and_again(sweep: list[str], folder: Path, kills: int, batches: int) -> int:
    """Run a sweep to its end, killing it on the way; return how often it was killed."""
    each = max(1, batches // (kills + 1))
    for kill in range(kills):
        workers = str(WORKERS[kill % len(WORKERS)])
        arguments = [*sweep, "--out", str(folder), "--workers", workers]
        most = 1 + round(2 * (each - 1) * chance(2 * kill))
        further_s = 0.05 * chance(2 * kill + 1) if kill % 2 else None
        if kill_once(arguments, folder, most, further_s):
            return kill
        print(f"  killed with {workers} workers at {finished(folder)} of {batches} batches"
              f"{', a file half written' if half_written(folder) else ''}", flush=True)  # fmt: skip
    run(*sweep, "--out", str(folder), "--workers", "2")
    return kills


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.sweep_kills", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--points", type=int, default=1000, help="points (default 1000)")
    parser.add_argument("--replicates", type=int, default=2, help="runs of each (default 2)")
    parser.add_argument("--kills", type=int, default=20, help="most kills (default 20)")
    parser.add_argument("--scenario", default=SCENARIO, help=f"what is run ({SCENARIO})")
    parser.add_argument("--set", nargs="*", default=CHANGES, help="what is changed in it")
    parser.add_argument("--vary", nargs="+", default=VARY, help="what is varied")
    chosen = parser.parse_args(arguments)
    options = [part for change in chosen.set for part in ("--set", change)]
    options += [part for key in chosen.vary for part in ("--vary", key)]
    options += ["--samples", str(chosen.points), "--replicates", str(chosen.replicates)]
    sweep = command("sweep", chosen.scenario, *options, "--design", "lhs")
    with TemporaryDirectory() as scratch:
        alone, killed, merged = (Path(scratch) / name for name in ("alone", "killed", "merged"))
        print(f"{chosen.points * chosen.replicates:,} runs, undisturbed", flush=True)
        run(*sweep, "--out", str(alone), "--workers", "2")
        expected = digests(alone)
        print(f"the same, killed at random moments; {finished(alone)} batches", flush=True)
        kills = killed_again_and_again(sweep, killed, chosen.kills, finished(alone))
        print(f"the same in {SHARDS} shards that are merged", flush=True)
        parts = [Path(scratch) / f"part-{number}" for number in range(1, SHARDS + 1)]
        for number, part in enumerate(parts, start=1):
            shard = f"{number}/{SHARDS}"
            run(*sweep, "--out", str(part), "--shard", shard, "--workers", "1")
        run(*command("merge", *map(str, parts), "--out", str(merged)))
        for name, folder in (("killed", killed), ("merged", merged)):
            if digests(folder) != expected:
                sys.exit(f"the {name} sweep differs from the undisturbed one")
    print(f"killed {kills} times, and merged of {SHARDS} shards: the same {len(expected)} files")


if __name__ == "__main__":
    main()
