"""Frozen means frozen: what a validation runs with says what it was fitted to, or is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from sim.errors import DataError
from sim.experiments import fitted_parameters as module
from sim.experiments.fitted_parameters import POSTERIOR, REGISTRY, fitted_parameters
from sim.experiments.targets import role_digests

VILLAGE = "weight,behaviour.open_gain\n1,0.5\n1,0.7\n"
REGION = "weight,geography.tradition_mean\n1,-5\n1,-4\n"
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def provenance(**changes: Any) -> dict[str, Any]:
    usual = {
        "targets_sha256": role_digests(),
        "targets_read": ["fit"],
        "git": {"commit": COMMIT, "is_changed": False},
        "finished": "2026-01-01T00:00:00+00:00",
    }
    return usual | changes


def written(folder: Path, block: str, text: str, about: dict[str, Any] | None) -> None:
    (folder / f"{block}.csv").write_text(text, encoding="utf-8")
    if about is not None:
        path = folder / f"{block}-provenance.json"
        path.write_text(json.dumps(about), encoding="utf-8")


def test_draws_of_both_blocks_are_put_together(tmp_path: Path) -> None:
    written(tmp_path, "village", VILLAGE, provenance())
    written(tmp_path, "region", REGION, provenance())
    found = fitted_parameters(8, 1, tmp_path)
    pairs = {tuple(sorted(draw.items())) for draw in found.draws}
    assert all(
        draw.keys() == {"behaviour.open_gain", "geography.tradition_mean"} for draw in found.draws
    )
    assert sorted(draw["behaviour.open_gain"] for draw in found.draws) == [0.5] * 4 + [0.7] * 4
    assert len(pairs) > 2, "draws of one block must not go with the same draws of the other"
    assert found.blocks_without_posterior == []


def test_the_source_holds_commit_and_hashes(tmp_path: Path) -> None:
    written(tmp_path, "village", VILLAGE, provenance())
    village, region = fitted_parameters(2, 1, tmp_path).sources
    assert (village.kind, region.kind) == (POSTERIOR, REGISTRY)
    assert village.commit == COMMIT
    assert village.fit_targets_sha256 == role_digests()["fit"]
    assert len(village.parameters_sha256) == 64
    (tmp_path / "village.csv").write_text(VILLAGE.replace("0.7", "0.8"), encoding="utf-8")
    assert fitted_parameters(2, 1, tmp_path).sources[0].parameters_sha256 != (
        village.parameters_sha256
    )


def test_a_posterior_whose_fit_targets_have_changed_since_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "village", VILLAGE, provenance())
    fitted_parameters(2, 1, tmp_path)
    monkeypatch.setattr(module, "role_digests", lambda: role_digests() | {"fit": "f" * 64})
    with pytest.raises(DataError, match=r"village\.csv: fitted to other targets of role fit"):
        fitted_parameters(2, 1, tmp_path)


def test_a_changed_test_target_leaves_a_posterior_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "village", VILLAGE, provenance())
    monkeypatch.setattr(module, "role_digests", lambda: role_digests() | {"test": "f" * 64})
    assert fitted_parameters(2, 1, tmp_path).sources[0].kind == POSTERIOR


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (None, r"village-provenance\.json beside it"),
        ({}, r"lacks targets_sha256\.fit"),
        ({"targets_sha256": {"test": "0"}}, r"lacks targets_sha256\.fit"),
        (provenance(targets_read=["fit", "test"]), r"targets_read = \['fit', 'test'\]"),
        (provenance(targets_read=None), r"targets_read = None"),
    ],
)
def test_a_posterior_that_does_not_say_what_it_was_fitted_to_is_refused(
    tmp_path: Path, about: dict[str, Any] | None, message: str
) -> None:
    written(tmp_path, "village", VILLAGE, about)
    with pytest.raises(DataError, match=message):
        fitted_parameters(2, 1, tmp_path)


def test_without_a_posterior_values_of_the_registry_are_used_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "POSTERIOR_FOLDER", tmp_path)
    found = fitted_parameters(3)
    assert found.draws == ({}, {}, {})
    assert found.blocks_without_posterior == ["village", "region"]
    assert all(source.fit_targets_sha256 == role_digests()["fit"] for source in found.sources)


def test_a_folder_that_is_named_must_have_a_posterior(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"a folder with village\.csv or region\.csv"):
        fitted_parameters(3, 1, tmp_path)


def test_a_posterior_of_the_package_belongs_to_the_targets_of_the_package() -> None:
    # Whoever changes a target of role fit has to calibrate again before this holds.
    assert len(fitted_parameters(1).sources) == 2
