"""Loading scenarios: files, what they extend, policies and overrides, all checked."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sim.errors import ScenarioError
from sim.scenario.explaining import explain
from sim.scenario.files import POLICY_FOLDER, files_by_name, find_file, read_file, shown
from sim.scenario.merging import Layer, merged, override_layer
from sim.scenario.schema import Scenario

EXTENDS = "extends"
_POLICY_FILE_KEYS = {"title", "policies"}


def load_scenario(
    name_or_path: str | Path, overrides: Sequence[str] = (), policies: Sequence[str | Path] = ()
) -> Scenario:
    """Load a scenario, add policies to it and change single values.

    Parameters
    ----------
    name_or_path : str or Path
        A TOML file, or the bare name of one in ``scenarios/``.
    overrides : sequence of str
        Changes such as ``"villages.Cangtian.broadband_year=2010"``, the last one the strongest.
    policies : sequence of str or Path
        Policy files to add, or bare names of files in ``scenarios/policies/``.

    Returns
    -------
    Scenario
        The scenario, complete and checked.

    Raises
    ------
    ScenarioError
        For the first thing that is wrong: where, what was given, what is allowed.
    """
    path = find_file(name_or_path)
    layers = _file_layers(path, ())
    if layers[-1].is_policy_file:
        raise ScenarioError(shown(path), allowed="a scenario; this file has only policies")
    layers += [_policy_layer(find_file(name, POLICY_FOLDER)) for name in policies]
    layers += [override_layer(text) for text in overrides]
    data = merged(layers)
    return validated(data, layers)


def with_policies(scenario: Scenario, policies: Sequence[str | Path]) -> Scenario:
    """Return a scenario with policies added, as `load_scenario` adds them.

    Parameters
    ----------
    scenario : Scenario
        A scenario made before.
    policies : sequence of str or Path
        Policy files to add, or bare names of files in ``scenarios/policies/``.

    Raises
    ------
    ScenarioError
        If a policy is not valid, or cannot be added to the scenario.
    """
    layers = [Layer(scenario.name, scenario.model_dump(mode="json"))]
    layers += [_policy_layer(find_file(name, POLICY_FOLDER)) for name in policies]
    return validated(merged(layers), layers)


def is_policy_file(path: Path) -> bool:
    """Whether a file holds policies alone, and is no scenario.

    Raises
    ------
    ScenarioError
        If there is no such file, or it cannot be read.
    """
    return read_file(find_file(path)).keys() <= _POLICY_FILE_KEYS


def list_scenarios() -> list[tuple[str, str]]:
    """Return name and title of every scenario that can be loaded by its bare name."""
    return [(name, _title(path)) for name, path in files_by_name().items()]


def list_policies() -> list[tuple[str, str]]:
    """Return name and title of every policy file that can be added by its bare name."""
    return [(name, _title(path)) for name, path in files_by_name(POLICY_FOLDER).items()]


def _title(path: Path) -> str:
    try:
        return str(read_file(path).get("title", ""))
    except ScenarioError as error:
        return f"not valid: {error}"


def _file_layers(path: Path, outer: tuple[Path, ...]) -> list[Layer]:
    """Layers of a file: first those of the files that it extends, then its own."""
    path = path.resolve()
    if path in outer:
        chain = " -> ".join(shown(file) for file in (*outer, path))
        allowed = f"files that do not extend each other in a circle: {chain}"
        raise ScenarioError(shown(outer[-1]), EXTENDS, path.stem, allowed)
    data = read_file(path)
    if data.keys() <= _POLICY_FILE_KEYS:
        return [_policy_layer(path)]
    layers = []
    for base in _bases(data.pop(EXTENDS, []), path):
        layers += _file_layers(base, (*outer, path))
    # The name, unlike everything else, is not that of the extended scenario.
    data.setdefault("name", path.stem)
    region = data.get("region")
    if isinstance(region, dict) and isinstance(region.get("file"), str):
        region["file"] = str(path.parent / region["file"])
    return [*layers, Layer(shown(path), data)]


def _bases(extends: object, path: Path) -> list[Path]:
    names = [extends] if isinstance(extends, str) else extends
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        allowed = "the name or path of a file, or a list of them"
        raise ScenarioError(shown(path), EXTENDS, extends, allowed)
    return [_base(name, path) for name in names]


def _base(name: str, path: Path) -> Path:
    """Find an extended file: a scenario, or else a policy file."""
    subfolder = POLICY_FOLDER if _is_policy_only(name) else ""
    try:
        return find_file(name, subfolder, path.parent)
    except ScenarioError as error:
        raise ScenarioError(shown(path), EXTENDS, name, error.allowed, error.nearest) from error


def _is_policy_only(name: str) -> bool:
    return name in files_by_name(POLICY_FOLDER) and name not in files_by_name()


def _policy_layer(path: Path) -> Layer:
    data = read_file(path)
    for key in data:
        if key not in _POLICY_FILE_KEYS:
            allowed = "only title and [[policies]] in a policy file"
            raise ScenarioError(shown(path), key, None, allowed)
    if not data.get("policies"):
        raise ScenarioError(shown(path), "policies", allowed="at least one [[policies]]")
    # The title is that of the file, not of the scenario that it is added to.
    return Layer(shown(path), {"policies": data["policies"]}, is_policy_file=True)


def validated(data: dict[str, Any], layers: Sequence[Layer]) -> Scenario:
    """Return the scenario that data say.

    Parameters
    ----------
    data : dict
        What the layers come to together.
    layers : sequence of Layer
        Where it came from, for messages.

    Raises
    ------
    ScenarioError
        For the first thing that is wrong.
    """
    try:
        return Scenario.model_validate(data)
    except ValidationError as error:
        raise explain(error, data, layers) from error
