"""From what pydantic reports to one error that tells the user what to change, and where."""

from collections.abc import Sequence
from datetime import date
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from sim.errors import ScenarioError
from sim.scenario.fields import dotted, listed, nearest
from sim.scenario.merging import Layer, source_of
from sim.scenario.schema import Scenario

Path = tuple[str | int, ...]

# A wrong name explains a missing one, so it is reported first.
_ORDER: Final = {"extra_forbidden": 0, "missing": 2}

_KEYS_OF_FILES: Final = ("extends", "remove_policies")

_WORDS: Final = {
    "missing": "a value, which is required",
    "tuple_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "a text",
    "date_type": "a date such as 2017-03-01",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of at most {max_length} letters",
    "too_short": "at least {min_length} of them",
    "too_long": "at most {max_length} of them",
    "string_pattern_mismatch": 'month and day of every year, such as "06-30"',
}
"""What is allowed, by pydantic's error type; for other types pydantic's own words serve."""


def explain(error: ValidationError, data: dict[str, Any], layers: Sequence[Layer]) -> ScenarioError:
    """Translate the most telling of pydantic's errors.

    Parameters
    ----------
    error : ValidationError
        What pydantic found.
    data : dict
        What was validated.
    layers : sequence of Layer
        Where it came from, the strongest last.
    """
    details: Any = min(error.errors(), key=lambda details: _ORDER.get(details["type"], 1))
    place = _without_kind(details["loc"])
    match details["type"]:
        case "extra_forbidden":
            key, given, allowed, like = _unknown_key(place, details["loc"])
        case "union_tag_invalid" | "union_tag_not_found":
            key, given, allowed, like = _unknown_kind(place, details)
        case "refused":
            key, given, allowed, like = _refused(place, details)
        case _:
            key, given, allowed, like = _wrong_value(place, details)
    named = _with_names(key, data)
    given = str(given) if isinstance(given, date) else given
    return ScenarioError(source_of(named, layers), dotted(named), given, allowed, like)


Explained = tuple[Path, object, str, str]
"""Path of the key, what was given, what is allowed, the nearest valid name."""


def _unknown_key(place: Path, location: Path) -> Explained:
    names = list(_schema_at(location[:-1]).get("properties", {}))
    allowed = "no other keys than "
    if not place[:-1]:
        names += _KEYS_OF_FILES
    elif place[-1] in (*_schema_at(()).get("properties", {}), *_KEYS_OF_FILES):
        # In TOML all keys below a header belong to that table.
        allowed = f"{place[-1]} at the top of the file, before the first table; here "
    return place, None, allowed + listed(names), nearest(place[-1], names)


def _unknown_kind(place: Path, details: Any) -> Explained:
    kinds = _schema_at(details["loc"])["discriminator"]["mapping"]
    given = details["ctx"].get("tag")
    return (*place, "kind"), given, f"one of {', '.join(kinds)}", nearest(given, kinds)


def _refused(place: Path, details: Any) -> Explained:
    context = details["ctx"]
    return (*place, *context["key"]), context["given"], context["allowed"], context["nearest"]


def _wrong_value(place: Path, details: Any) -> Explained:
    given = None if details["type"] == "missing" else details["input"]
    words = details["msg"].removeprefix("Input should be ")
    if details["type"] in _WORDS:
        words = _WORDS[details["type"]].format(**details.get("ctx", {}))
    if details["type"] == "tuple_type" and isinstance(given, str):
        words = f'{words}, such as ["{given}"]'
    schema = _schema_at(details["loc"])
    meaning = schema.get("description", "").partition("\n\n")[0].rstrip(".")
    allowed = f"{words} ({meaning})" if meaning else words
    return place, given, allowed, nearest(given, schema.get("enum", []))


def _without_kind(location: Path) -> Path:
    """Drop the kind of policy, which pydantic puts behind the policy's place in the list."""
    return location[:2] + location[3:] if location[:1] == ("policies",) else location


def _with_names(path: Path, data: Any) -> tuple[str, ...]:
    """Put the names of villages and policies for their places in the list."""
    named = []
    for part in path:
        name = part
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
            name = data.get("name", part) if isinstance(data, dict) else part
        named.append(str(name))
    return tuple(named)


def _schema_at(location: Path) -> dict[str, Any]:
    """JSON Schema of the value at a path; empty if the schema has no such path."""
    root = _json_schema()
    node = root
    for part in location:
        node = next(filter(None, (_child(option, part) for option in _options(node))), {})
    options = _options(node)
    return options[0] | {key: value for key, value in node.items() if key != "anyOf"}


@cache
def _json_schema() -> dict[str, Any]:
    return Scenario.model_json_schema()


def _options(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Schemas that a value may follow, with references replaced by what they refer to."""
    definitions = _json_schema()["$defs"]
    if "$ref" in node:
        return [definitions[node["$ref"].rpartition("/")[2]]]
    return [option for choice in node.get("anyOf", []) for option in _options(choice)] or [node]


def _child(node: dict[str, Any], part: str | int) -> dict[str, Any]:
    """Schema of an item, of a kind, of a property or of an entry of a table."""
    if isinstance(part, int):
        found = node.get("items", {})
    elif part in node.get("discriminator", {}).get("mapping", {}):
        found = {"$ref": node["discriminator"]["mapping"][part]}
    else:
        rest = node.get("additionalProperties") or {}
        found = node.get("properties", {}).get(part, rest)
    return dict(found)
