"""Scenarios as text, and what the JSON Schema promises."""

import json
from pathlib import Path

import pytest

from sim.scenario import (
    Scenario,
    load_scenario,
    resolved_json,
    resolved_toml,
    scenario_hash,
    scenario_schema,
)

EVERYTHING = (
    'title="A \\"title\\" 村"',
    "villages.Mixed village.position={x_km = 1, y_km = 2.5}",
    "goods.bayberry.exportable=true",
    "platform_terms.jd.opened=2011-01-01",
    "platforms=[]",
    "seed=9",
)


@pytest.fixture
def scenario() -> Scenario:
    return load_scenario("mixed", EVERYTHING, ["greenhouses", "service-platform", "glut-year"])


def test_a_resolved_file_gives_the_same_scenario(scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "resolved.toml"
    path.write_text(resolved_toml(scenario), encoding="utf-8")

    assert load_scenario(path) == scenario


def test_resolved_json_gives_the_same_scenario(scenario: Scenario) -> None:
    assert Scenario.model_validate_json(resolved_json(scenario)) == scenario


def test_the_hash_is_that_of_what_is_said_not_of_where(tmp_path: Path) -> None:
    path = tmp_path / "again.toml"
    path.write_text('name = "mixed"\nextends = "mixed"\n', encoding="utf-8")

    assert scenario_hash(load_scenario(path)) == scenario_hash(load_scenario("mixed"))


@pytest.mark.parametrize("override", ["seed=70", "behaviour.open_gain=1", "end=2014-12-30"])
def test_the_hash_changes_with_what_is_said(override: str) -> None:
    changed = load_scenario("mixed", [override])

    assert scenario_hash(changed) != scenario_hash(load_scenario("mixed"))


def test_the_hash_does_not_care_how_a_number_is_written() -> None:
    whole = load_scenario("mixed", ["goods.bayberry.box_kg=2", "behaviour.open_gain=1"])
    real = load_scenario("mixed", ["goods.bayberry.box_kg=2.0", "behaviour.open_gain=1.0"])

    assert scenario_hash(whole) == scenario_hash(real)


def properties(node: object) -> list[dict[str, object]]:
    """Every property that is described anywhere in a schema."""
    if isinstance(node, list):
        return [found for item in node for found in properties(item)]
    if not isinstance(node, dict):
        return []
    own = node.get("properties", {})
    inner = [found for value in node.values() for found in properties(value)]
    return [{"name": name, **value} for name, value in own.items()] + inner


def test_every_key_is_described_in_the_json_schema() -> None:
    described = properties(scenario_schema())
    bare = [p["name"] for p in described if "description" not in p and p["name"] != "kind"]

    assert len(described) > 80
    assert bare == []


def test_the_json_schema_knows_what_only_files_have() -> None:
    schema = scenario_schema()

    assert {"extends", "remove_policies"} <= schema["properties"].keys()
    assert {"required": ["extends"]} in schema["anyOf"]
    json.dumps(schema)


def test_the_json_schema_is_new_every_time() -> None:
    scenario_schema()["properties"].clear()

    assert scenario_schema()["properties"]
