"""Frozen means frozen: what a validation runs with says what it was fitted to, or is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.errors import DataError
from sim.experiments import fitted_parameters as module
from sim.experiments.calibrate.priors import priors_of
from sim.experiments.fitted_parameters import POSTERIOR, REGISTRY, fitted_parameters, source_of
from sim.experiments.posterior import POSTERIOR_FILE, read_posterior
from sim.experiments.targets import role_digests

DRAWS = "weight,behaviour.open_gain,geography.tradition_mean\n1,0.5,-5\n1,0.7,-4\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def provenance(**changes: Any) -> dict[str, Any]:
    usual = {
        "targets_sha256": role_digests(),
        "targets_read": ["fit"],
        "git": {"commit": COMMIT, "is_changed": False},
        "finished": "2026-01-01T00:00:00+00:00",
    }
    return usual | changes


def written(folder: Path, about: dict[str, Any] | None, text: str = DRAWS) -> Path:
    path = folder / "draws.csv"
    path.write_text(text, encoding="utf-8")
    if about is not None:
        (folder / "provenance.json").write_text(json.dumps(about), encoding="utf-8")
    return path


def test_values_of_a_draw_stay_together(tmp_path: Path) -> None:
    found = fitted_parameters(8, 1, written(tmp_path, provenance()))
    pairs = [tuple(draw.values()) for draw in found.draws]
    assert sorted(pairs) == [(0.5, -5.0)] * 4 + [(0.7, -4.0)] * 4


def test_the_source_holds_commit_and_hashes(tmp_path: Path) -> None:
    path = written(tmp_path, provenance())
    source = fitted_parameters(2, 1, path).source
    assert source.kind == POSTERIOR
    assert source.commit == COMMIT
    assert source.fit_targets_sha256 == role_digests()["fit"]
    assert len(source.parameters_sha256) == 64
    written(tmp_path, provenance(), DRAWS.replace("0.7", "0.8"))
    assert fitted_parameters(2, 1, path).source.parameters_sha256 != source.parameters_sha256


def test_a_posterior_whose_fit_targets_have_changed_since_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, provenance())
    fitted_parameters(2, 1, path)
    monkeypatch.setattr(module, "role_digests", lambda: role_digests() | {"fit": "f" * 64})
    with pytest.raises(DataError, match=r"draws\.csv: fitted to other targets of role fit"):
        fitted_parameters(2, 1, path)


def test_a_changed_test_target_leaves_a_posterior_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, provenance())
    monkeypatch.setattr(module, "role_digests", lambda: role_digests() | {"test": "f" * 64})
    assert fitted_parameters(2, 1, path).source.kind == POSTERIOR


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (None, r"provenance\.json beside it"),
        ({}, r"lacks targets_sha256\.fit"),
        ({"targets_sha256": {"test": "0"}}, r"lacks targets_sha256\.fit"),
        (provenance(targets_read=["fit", "test"]), r"targets_read = \['fit', 'test'\]"),
        (provenance(targets_read=None), r"targets_read = None"),
    ],
)
def test_a_posterior_that_does_not_say_what_it_was_fitted_to_is_refused(
    tmp_path: Path, about: dict[str, Any] | None, message: str
) -> None:
    path = written(tmp_path, about)
    with pytest.raises(DataError, match=message):
        fitted_parameters(2, 1, path)


def test_without_a_posterior_values_of_the_registry_are_used_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POSTERIOR_FILE", tmp_path / "draws.csv")
    found = fitted_parameters(3)
    assert found.draws == ({}, {}, {})
    assert found.source.kind == REGISTRY
    assert found.source.fit_targets_sha256 == role_digests()["fit"]


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv"):
        fitted_parameters(3, 1, tmp_path / "none.csv")


def test_a_posterior_of_villages_alone_does_not_serve_regions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, provenance(), "weight,behaviour.open_gain\n1,0.5\n")
    monkeypatch.setattr(module, "POSTERIOR_FILE", path)
    assert fitted_parameters(2).source.kind == REGISTRY
    priors = priors_of("region")
    head = ",".join(["weight", *(prior.path for prior in priors)])
    values = ",".join(["1", *(str(prior.value) for prior in priors)])
    written(tmp_path, provenance(), f"{head}\n{values}\n")
    assert fitted_parameters(2).source.kind == POSTERIOR


def test_the_posterior_of_the_package_belongs_to_the_targets_of_the_package() -> None:
    # Whoever changes a target of role fit has to calibrate again before this holds.
    assert source_of(POSTERIOR_FILE).fit_targets_sha256 == role_digests()["fit"]
    assert read_posterior(POSTERIOR_FILE)[0].keys() > {"weight", "behaviour.open_intercept"}
