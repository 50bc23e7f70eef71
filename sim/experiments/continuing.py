"""A run that was stopped or killed goes on from its last checkpoint, as if nothing had happened."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import RunError
from sim.experiments.program import program_hash
from sim.experiments.recording import checked_levels
from sim.experiments.run import (
    Clock,
    Keepers,
    Progress,
    RunOptions,
    RunResult,
    Task,
    carry_out,
    record_of_task,
)
from sim.experiments.workplace import digest_of, old_workplace
from sim.results.manifest import versions
from sim.scenario import Scenario, register_of, scenario_hash


def continue_run(
    folder: Path | str,
    progress: Progress | None = None,
    options: RunOptions | None = None,
    expected: Mapping[str, Any] | None = None,
) -> RunResult:
    """Go on with a run that did not come to its end.

    Its files are the same, byte for byte, as if it had never been stopped, but for what the
    manifest tells of the machine.

    Parameters
    ----------
    folder : Path or str
        The folder that was given as ``out``.
    progress : callable, optional
        Told how far the run is (0-1) and what it is doing.
    options : RunOptions, optional
        Threads, and when to stop; what is kept is as it was.
    expected : mapping, optional
        What the run must be: ``scenario``, ``seed``, ``until``, ``record`` or ``checkpoint``, as
        for `sim.experiments.run`; None is as good as nothing.

    Returns
    -------
    RunResult
        As of a run.

    Raises
    ------
    RunError
        If there is nothing to go on with, the run was another one or begun with another version,
        or a file is damaged.
    """
    started = time.perf_counter()
    folder = Path(folder)
    with old_workplace(folder) as (place, about):
        _check_program(folder, about)
        scenario = _scenario_of(folder, about)
        _check_expected(folder, about, expected or {})
        kept = {"record": about["record"], "checkpoint": about["checkpoint"]}
        task = Task(
            scenario,
            about["seed"],
            date.fromisoformat(about["end"]),
            folder,
            replace(options or RunOptions(), **kept),
            progress,
        )
        task.tell(0.0, "loading")
        if about["villages_sha256"] != digest_of(register_of(scenario)):
            raise RunError(f"{folder}: the run was begun with other villages; it cannot go on")
        return carry_out(task, *_resumed(task, place), Clock(started, time.perf_counter()))


def _scenario_of(folder: Path, about: Mapping[str, Any]) -> Scenario:
    try:
        scenario = Scenario.model_validate(about["scenario"])
    except ValidationError as error:
        raise RunError(f"{folder}: its scenario is damaged; it cannot go on") from error
    if scenario_hash(scenario) != about["scenario_sha256"]:
        raise RunError(f"{folder}: its scenario has changed; it cannot go on")
    return scenario


def _resumed(task: Task, place: Any) -> tuple[Any, Keepers]:
    """Return the model as it was at the last checkpoint, or as it is on the first morning."""
    from sim.model import CommerceModel
    from sim.results.checkpoint import read_checkpoint, resumed_model
    from sim.results.store import Store
    from sim.results.totals import Totals

    villages = register_of(task.scenario)
    store, totals = Store(villages, place.rows), Totals(villages)
    record = record_of_task(task.scenario, task.options)
    threads = task.options.threads
    task.tell(0.0, "reading the checkpoint")
    stored = read_checkpoint(place.path)
    if stored is None:
        model: Any = CommerceModel(
            task.scenario, task.seed, threads=threads, record=record, collect=False
        )
        store.restore({})
    else:
        store.restore(stored.rows)
        model = resumed_model(
            stored, task.scenario, task.seed, totals, threads=threads, record=record
        )
    return model, Keepers(store, totals, place)


def _check_program(folder: Path, about: Mapping[str, Any]) -> None:
    """Refuse to go on with other code or packages than those that began."""
    for name, version in versions().items():
        before = about["versions"].get(name)
        if before != version:
            raise RunError(
                f"{folder}: the run was begun with {name} {before}, not {version}; it cannot go on"
            )
    if about["program_sha256"] != program_hash():
        raise RunError(
            f"{folder}: the run was begun with another version of the program; it cannot go on"
        )


def _check_expected(folder: Path, about: Mapping[str, Any], expected: Mapping[str, Any]) -> None:
    """Refuse to go on with another run than is expected."""
    scenario = expected.get("scenario")
    if scenario is not None and scenario_hash(scenario) != about["scenario_sha256"]:
        _refuse(folder, "scenario", about["name"], f"{scenario.name} as it is given")
    seed = expected.get("seed")
    if seed is not None and seed != about["seed"]:
        _refuse(folder, "seed", about["seed"], seed)
    checkpoint = expected.get("checkpoint")
    if checkpoint is not None and checkpoint != about["checkpoint"]:
        _refuse(folder, "checkpoint", about["checkpoint"], checkpoint)
    until = expected.get("until")
    if until is not None and until.isoformat() != about["end"]:
        _refuse(folder, "last day", about["end"], until)
    for table, level in checked_levels(expected.get("record") or {}).items():
        before = about["record"][table]
        if (tuple(before) if isinstance(before, list) else before) != level:
            _refuse(folder, f"record of {table}", before, level)


def _refuse(folder: Path, what: str, before: object, given: object) -> None:
    raise RunError(f"{folder}: the run was begun with {what} {before}, not {given}")
