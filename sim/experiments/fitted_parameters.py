"""The parameters that a validation of regions runs with, and what they come from.

The posterior of the package serves if it was fitted to regions: where villages lie and what they
make was chosen together with behaviour, so behaviour alone must not be exchanged.

A posterior that was fitted to other targets than those of role ``fit`` that stand in
``sim/data/targets.toml`` now is refused: what is called unseen must not depend on what happened to
the targets since.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from sim.errors import DataError
from sim.experiments.calibrate.priors import priors_of
from sim.experiments.calibrate.provenance import git_state
from sim.experiments.posterior import POSTERIOR_FILE, PROVENANCE_NAME, draws_in, read_posterior
from sim.experiments.targets import role_digests
from sim.results.placing import read_json
from sim.world.parameters import registry

FITTED: Final = "fit"
POSTERIOR: Final = "posterior"
REGISTRY: Final = "registry"


@dataclass(frozen=True)
class Source:
    """Where parameters come from.

    Attributes
    ----------
    kind : str
        ``posterior``, or ``registry`` where there is none.
    parameters_sha256 : str
        Hash of the file of draws, or of all values of the registry.
    fit_targets_sha256 : str
        Hash of the targets of role ``fit`` that they were fitted to; those of now for values of
        the registry, of which nobody knows.
    commit : str
        Commit of the program that fitted them, or of this one for values of the registry; empty
        outside of a repository.
    finished : str
        When they were fitted; empty for values of the registry.
    """

    kind: str
    parameters_sha256: str
    fit_targets_sha256: str
    commit: str
    finished: str

    def as_row(self) -> dict[str, str]:
        """Return it as a row of a table."""
        return asdict(self)


@dataclass(frozen=True)
class FittedParameters:
    """Draws of parameters with their source.

    Attributes
    ----------
    draws : tuple of mapping
        Changes of a scenario, one for each draw; empty ones for values of the registry.
    source : Source
        Where they come from.
    """

    draws: tuple[Mapping[str, float], ...]
    source: Source


def fitted_parameters(count: int, seed: int = 0, path: Path | None = None) -> FittedParameters:
    """Return draws of the posterior of regions, or values of the registry where there is none.

    Parameters
    ----------
    count : int
        How many draws.
    seed : int
        Seed of the choice.
    path : Path, optional
        A file of draws with ``provenance.json`` beside it, as a calibration leaves it; that of the
        package if not given.

    Raises
    ------
    DataError
        If a file is named that is not there, or it is damaged, does not say what it was fitted to,
        or was fitted to other targets than there are now.
    RunError
        If the provenance cannot be read.
    """
    file = POSTERIOR_FILE if path is None else path
    if path is None and not (file.is_file() and _is_of_regions(file)):
        return FittedParameters(tuple({} for _ in range(count)), _of_registry())
    draws = draws_in(file, count, seed)
    return FittedParameters(tuple(draws), source_of(file))


def _is_of_regions(path: Path) -> bool:
    return {prior.path for prior in priors_of("region")} <= read_posterior(path)[0].keys()


def source_of(path: Path) -> Source:
    """Return where a file of draws comes from.

    Raises
    ------
    DataError
        If it does not say what it was fitted to, or was fitted to other targets than there are
        now.
    RunError
        If the provenance cannot be read.
    """
    about = path.with_name(PROVENANCE_NAME)
    if not about.is_file():
        raise DataError(f"{path}: allowed: a posterior with {about.name} beside it")
    told = read_json(about)
    fitted_to = _entry(about, told, "targets_sha256", FITTED)
    if fitted_to != role_digests()[FITTED]:
        raise DataError(
            f"{path}: fitted to other targets of role {FITTED} than those of "
            "sim/data/targets.toml now; allowed: a posterior of the same targets: calibrate again"
        )
    read = told.get("targets_read")
    if read != [FITTED]:
        raise DataError(f"{about}: targets_read = {read!r}; allowed: {[FITTED]}")
    commit = (told.get("git") or {}).get("commit", "")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Source(POSTERIOR, digest, fitted_to, commit, str(told.get("finished", "")))


def _entry(path: Path, told: Mapping[str, Any], group: str, name: str) -> str:
    found = told.get(group)
    if not isinstance(found, Mapping) or not isinstance(found.get(name), str):
        raise DataError(f"{path}: lacks {group}.{name}; allowed: the provenance of a calibration")
    return str(found[name])


def _of_registry() -> Source:
    values = {name: str(parameter.value) for name, parameter in registry().items()}
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    commit = (git_state() or {}).get("commit", "")
    return Source(REGISTRY, digest, role_digests()[FITTED], commit, "")
