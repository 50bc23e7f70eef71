"""Putting the parts of a sweep together that were run in folders of their own."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.errors import RunError
from sim.experiments.shards import (
    MANIFEST,
    RUNS,
    Contents,
    check_folder,
    differences,
    file_name,
    is_whole,
    put,
    read_folder,
    told,
)
from sim.experiments.sweep_result import SweepResult, read_sweep


def merge_sweeps(folders: Sequence[str | Path], out: str | Path) -> SweepResult:
    """Put sweep folders together; the result is that of one undisturbed sweep, byte for byte.

    Everything is checked before anything is written. Batches that no folder has are run by the
    sweep's own command with the merged folder.

    Parameters
    ----------
    folders : sequence of str or Path
        Folders of the same sweep.
    out : str or Path
        Where it goes: a new folder, an empty one, or one with part of the same sweep.

    Raises
    ------
    RunError
        If the folders are not of the same sweep, or differ in what they have of it.
    """
    if not folders:
        raise RunError("merge: no folder given; allowed: one or more sweep folders")
    parts = {Path(folder): read_folder(Path(folder)) for folder in folders}
    first, contents = next(iter(parts.items()))
    for path, other in parts.items():
        if other.manifest != contents.manifest:
            differing = differences(contents.manifest, other.manifest)
            raise RunError(f"{path}: holds another sweep than {first}: {differing} ({first} first)")
    target = Path(out)
    if not check_folder(target, contents.manifest) and target not in parts:
        parts[target] = read_folder(target)
    files = _files(parts, contents.manifest)
    with told(target):
        (target / RUNS).mkdir(parents=True, exist_ok=True)
        put(target / MANIFEST, (first / MANIFEST).read_bytes())
        for number, path in files.items():
            if path.parent.parent != target:
                put(target / RUNS / file_name(number), path.read_bytes())
    return read_sweep(target)


def _files(parts: Mapping[Path, Contents], manifest: Mapping[str, Any]) -> dict[int, Path]:
    """Return a file for each batch that is somewhere, or refuse what is damaged or differs."""
    chosen: dict[int, Path] = {}
    for part in parts.values():
        for number, path in part.files.items():
            if not is_whole(path, manifest, number):
                raise RunError(f"{path}: damaged; the command of its sweep runs it again")
            with told(path):
                if number in chosen and chosen[number].read_bytes() != path.read_bytes():
                    raise RunError(f"{path}: has other results than {chosen[number]}")
            chosen.setdefault(number, path)
    return chosen
