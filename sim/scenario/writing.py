"""Scenarios as text: resolved, hashed, and the JSON Schema of the files."""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sim.scenario.fields import dotted
from sim.scenario.schema import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """Return the SHA-256 of everything that the scenario says, in hexadecimal.

    Of a file of villages what is in it counts, not where it lies.
    """
    said = scenario.model_dump(mode="json")
    if said["region"] is not None:
        said["region"].pop("file")
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def resolved_json(scenario: Scenario) -> str:
    """Return the scenario with everything that it inherits and every default, as JSON."""
    return json.dumps(scenario.model_dump(mode="json"), indent=2, ensure_ascii=False)


def resolved_toml(scenario: Scenario) -> str:
    """Return the scenario with everything that it inherits and every default, as a TOML file.

    Loading it gives the same scenario again.
    """
    return "\n".join(_lines(scenario.model_dump(), ())).strip() + "\n"


def scenario_schema() -> dict[str, Any]:
    """Return the JSON Schema of scenario files, for editors that check while one writes."""
    schema = Scenario.model_json_schema()
    names = {"type": "array", "items": {"type": "string"}}
    schema["properties"]["extends"] = {
        "anyOf": [{"type": "string"}, names],
        "description": "Scenarios or policy files that this one starts from.",
    }
    schema["properties"]["remove_policies"] = names | {
        "description": "Names of policies of the extended scenario to leave out."
    }
    # The name is that of the file by default; what is extended may give all the rest.
    required = [key for key in schema.pop("required") if key != "name"]
    schema["anyOf"] = [{"required": required}, {"required": ["extends"]}]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return schema


def _lines(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Lines of a table: first its values, then the tables in it."""
    inner: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict) or _is_tables(value):
            inner |= {key: value} if value else {}
        elif value is not None:
            yield f"{dotted((key,))} = {_value(value)}"
    for key, value in inner.items():
        header = dotted((*path, key))
        for item in [value] if isinstance(value, dict) else value:
            yield ""
            yield f"[{header}]" if isinstance(value, dict) else f"[[{header}]]"
            yield from _lines(item, (*path, key))


def _is_tables(value: object) -> bool:
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], dict)


def _value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return f"[{', '.join(_value(item) for item in value)}]"
    # A JSON text, number or truth value is one in TOML too.
    return json.dumps(value, ensure_ascii=False)
