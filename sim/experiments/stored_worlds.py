"""Worlds whose runs are stored: in the folder of a comparison, of an explanation or of a sweep.

A comparison calls its worlds by their labels, an explanation by the policies that are there. Worlds
of a sweep are its points; they are called by what is varied, such as ``training=false``, and may be
asked for by any words that fit one point only.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

from sim.errors import RunError, ScenarioError
from sim.experiments.outcomes import OUTCOMES
from sim.experiments.plan import ERROR_COLUMN
from sim.experiments.sweep_result import SweepResult, read_sweep
from sim.experiments.worlds import JOINT, World
from sim.scenario import Scenario, with_changes
from sim.scenario.fields import listed, nearest
from sim.scenario.merging import key_path

MOST_UNNAMED: Final = 20
"""Of a sweep with more points, the variants must be named."""
_SHOWN: Final = 4


class Point(NamedTuple):
    """A point of a sweep, as it is asked for."""

    label: str
    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class StoredWorlds:
    """Worlds and their runs.

    Attributes
    ----------
    kind : str
        ``comparison``, ``explanation`` or ``sweep``.
    place : str
        Where they come from, for messages.
    labels : tuple of str
        The worlds, the one first that others are compared with if nobody says.
    runs : polars.DataFrame
        A row for each run: ``scenario``, ``replicate``, ``seed`` and every outcome.
    scenario_of : callable
        Gives the scenario of a world.
    about : mapping
        What the manifest says.
    base : str
        The world that others are compared with if nobody says; empty if somebody must.
    households : polars.DataFrame, optional
        Households of variants beside their twins in the world that is the base.
    points : tuple of Point
        Points of a sweep.
    """

    kind: str
    place: str
    labels: tuple[str, ...]
    runs: Any
    scenario_of: Callable[[str], Scenario]
    about: Mapping[str, Any]
    base: str = ""
    households: Any = None
    points: tuple[Point, ...] = ()

    def find(self, text: str) -> str:
        """Return the label of the world that a text means.

        Raises
        ------
        ScenarioError
            If there is none, or more than one.
        """
        if text in self.labels:
            return text
        added = f"{self.base}{JOINT}{text}"
        if self.base and added in self.labels:
            return added
        meant = [point.label for point in self.points if _is_meant(text, point)]
        if len(meant) == 1:
            return meant[0]
        if meant:
            allowed = f"words that fit one point only; these fit {len(meant)}: {_some(meant)}"
            raise ScenarioError(self.place, "world", text, allowed)
        allowed = f"one of {self.kind}'s worlds: {_some(self.labels)}"
        raise ScenarioError(self.place, "world", text, allowed, nearest(text, self.labels))

    def runs_of(self, labels: Sequence[str]) -> Any:
        """Return the runs of some worlds, world by world.

        Raises
        ------
        RunError
            If they do not all have the same seeds.
        """
        import polars as pl

        parts = [
            self.runs.filter(pl.col("scenario") == label).sort("replicate") for label in labels
        ]
        seeds = [set(part["seed"].to_list()) for part in parts]
        every = set().union(*seeds)
        for label, own in zip(labels, seeds, strict=True):
            missing = sorted(every - own)
            if missing:
                numbers = ", ".join(map(str, missing[:_SHOWN])) + (
                    " …" if len(missing) > _SHOWN else ""
                )
                raise RunError(
                    f"{self.place}: no runs of {label!r} with the seeds {numbers}, which others "
                    f"have; allowed: worlds with the same seeds{self._advice()}"
                )
        if len(every) < 2:
            raise RunError(
                f"{self.place}: {len(every)} run of each world; allowed: 2 replicates or more"
            )
        return pl.concat(parts)

    def worlds(self, labels: Sequence[str]) -> tuple[World, ...]:
        """Return some of the worlds with their scenarios."""
        return tuple(World(label, self.scenario_of(label)) for label in labels)

    def _advice(self) -> str:
        if self.kind != "sweep":
            return ""
        return "; runs that failed have none, and those that are missing the sweep's command runs"


def stored_worlds(runs: Any) -> StoredWorlds:
    """Return the worlds of a comparison, an explanation or a sweep.

    Parameters
    ----------
    runs : Comparison, Explanation, SweepResult, Path or str
        What was found, or its folder.

    Raises
    ------
    RunError
        If a folder is none of these or is damaged, or holds no runs of a scenario.
    """
    from sim.experiments.compare import Comparison
    from sim.experiments.comparison_folder import is_comparison_folder, read_comparison
    from sim.experiments.explain import Explanation
    from sim.experiments.explanation_folder import is_explanation_folder, read_explanation

    place = "stored runs"
    if isinstance(runs, str | Path):
        place, folder = str(runs), Path(runs)
        if is_comparison_folder(folder):
            runs = read_comparison(folder)
        elif is_explanation_folder(folder):
            runs = read_explanation(folder)
        else:
            runs = _sweep_in(folder)
    if isinstance(runs, Comparison):
        return _of_comparison(runs, place)
    if isinstance(runs, Explanation):
        return _of_explanation(runs, place)
    return _of_sweep(runs, place)


def chosen_worlds(stored: StoredWorlds, texts: Sequence[str]) -> list[str]:
    """Return the labels of a base and its variants.

    Parameters
    ----------
    stored : StoredWorlds
        The worlds.
    texts : sequence of str
        What was asked for, the base first; without variants all other worlds are.

    Raises
    ------
    ScenarioError
        If nobody can say which worlds are meant, or one is there twice.
    """
    if not texts and not stored.base:
        allowed = f"a base, one of {_some(stored.labels)}"
        raise ScenarioError(stored.place, "base", None, allowed)
    base, *named = [stored.find(text) for text in texts] or [stored.base]
    variants = named or [label for label in stored.labels if label != base]
    if not named and len(variants) > MOST_UNNAMED:
        allowed = f"variants by name, for there are {len(variants)}: {_some(variants)}"
        raise ScenarioError(stored.place, "variants", None, allowed)
    labels = [base, *variants]
    twice = [label for place, label in enumerate(labels) if label in labels[:place]]
    if twice or not variants:
        what = twice[0] if twice else base
        raise ScenarioError(stored.place, "world", what, "worlds that differ, two or more")
    return labels


def _sweep_in(folder: Path) -> SweepResult:
    try:
        return read_sweep(folder)
    except RunError as error:
        if not folder.is_dir():
            raise
        raise RunError(
            f"{folder}: holds no runs of several worlds; allowed: the folder of a comparison, an "
            "explanation or a sweep"
        ) from error


def _of_comparison(found: Any, place: str) -> StoredWorlds:
    def scenario_of(label: str) -> Scenario:
        return Scenario.model_validate(found.about["scenarios"][label]["scenario"])

    labels = (found.base, *found.variants)
    return StoredWorlds(
        "comparison", place, labels, found.runs, scenario_of, found.about, found.base,
        found.households,
    )  # fmt: skip


def _of_explanation(found: Any, place: str) -> StoredWorlds:
    from sim.experiments.causes import NOTHING, stored_causes, worlds_of_sets

    scenario = Scenario.model_validate(found.about["base"]["scenario"])
    worlds = worlds_of_sets(scenario, stored_causes(found.about["causes"]))
    by_label = {world.label: world.scenario for world in worlds}
    return StoredWorlds(
        "explanation",
        place,
        tuple(by_label),
        found.runs,
        by_label.__getitem__,
        found.about,
        NOTHING,
    )


def _of_sweep(sweep: SweepResult, place: str) -> StoredWorlds:
    import polars as pl

    about = sweep.about
    names = [outcome.name for outcome in OUTCOMES]
    if "scenario" not in about or not set(names) <= set(sweep.outcomes):
        raise RunError(f"{place}: a sweep of a function; allowed: a sweep of a scenario")
    scenario = Scenario.model_validate(about["scenario"])
    runs = sweep.to_polars().filter(pl.col(ERROR_COLUMN).is_null())
    points = _points(sweep)
    by_label = {point.label: point for point in points}
    label_of = {point.number: point.label for point in points}
    told = runs.select(
        pl.col("point").replace_strict(label_of, return_dtype=pl.String).alias("scenario"),
        pl.col("replicate").cast(pl.Int32),
        "seed",
        *names,
    )

    def scenario_of(label: str) -> Scenario:
        values = {key: _changed(value) for key, value in by_label[label].values.items()}
        return with_changes(scenario, values)

    base = ""
    if about["keys"] and set(about["keys"].values()) == {"switch"}:
        off = [point.label for point in points if not any(point.values.values())]
        base = off[0] if off else ""
    return StoredWorlds(
        "sweep", place, tuple(by_label), told, scenario_of, about, base, None, points
    )


def _points(sweep: SweepResult) -> tuple[Point, ...]:
    """Return the points of which there is a run, with their labels."""
    table = sweep.to_polars().unique("point", keep="first").sort("point")
    short = _short_names(sweep.keys)
    found = []
    for row in table.select("point", *sweep.keys).iter_rows(named=True):
        number = row.pop("point")
        label = ", ".join(f"{short[key]}={_text(value)}" for key, value in row.items())
        found.append(Point(label or sweep.about["name"], number, row))
    labels = [point.label for point in found]
    return tuple(
        point._replace(label=f"{point.label} (point {point.number})")
        if labels.count(point.label) > 1
        else point
        for point in found
    )


def _short_names(keys: Sequence[str]) -> dict[str, str]:
    """Return the last part of each key, or the whole key where the last parts are alike."""
    last = {key: key_path(key)[-1] for key in keys}
    return {
        key: name if list(last.values()).count(name) == 1 else key for key, name in last.items()
    }


def _is_meant(text: str, point: Point) -> bool:
    """Whether words such as ``training=false, storage=true`` fit a point."""
    words = [word.partition("=") for word in text.split(",")]
    if not all(equals for _, equals, _ in words):
        return False
    values = {name: value for key, value in point.values.items() for name in (key, *_ends(key))}
    return all(
        name.strip() in values and _is_value(value.strip(), values[name.strip()])
        for name, _, value in words
    )


def _ends(key: str) -> tuple[str, ...]:
    path = key_path(key)
    return path[-1], ".".join(path)


def _is_value(text: str, value: Any) -> bool:
    if isinstance(value, bool):
        return text.lower() in (("true", "on", "yes") if value else ("false", "off", "no"))
    if isinstance(value, int | float):
        try:
            return float(text) == value
        except ValueError:
            return False
    return text == _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _changed(value: Any) -> Any:
    """Return a value of a table of points as scenarios take it: choices may be lists."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _some(labels: Sequence[str]) -> str:
    shown = [repr(label) for label in labels[:_SHOWN]]
    return listed(shown) + (f" … ({len(labels)} in all)" if len(labels) > _SHOWN else "")
