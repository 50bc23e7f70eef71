"""What the code says and what the catalogues of another language have, for comparison."""

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from string import Formatter
from typing import NamedTuple

from sim.experiments.explain import TOGETHER
from sim.experiments.gains import GROUPS
from sim.experiments.outcome_names import NAMES
from sim.experiments.outcomes import OUTCOMES
from sim.results.region_fields import PLACES
from sim.scenario.policy import SERVICES
from sim.world.parameters import GRADES, good_names, registry

SIM = Path(__file__).parents[2] / "sim"
_SAYING = {"t", "phrase"}
_COUNTING = "counted"
_IN_TEMPLATE = re.compile(r"""\bt\("([^"]*)\"""")
_OWN_KEYS = {"title", "question", "name"}


class Said(NamedTuple):
    where: str
    english: str


def sentences() -> Iterator[Said]:
    """Yield each text that the code hands to `t`, `phrase` or `counted`; that of templates too."""
    for file in sorted(SIM.rglob("*.jinja")):
        for text in _IN_TEMPLATE.findall(file.read_text(encoding="utf-8")):
            yield Said(str(file.relative_to(SIM.parent)), text)
    for file in sorted(SIM.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "sim.words" in text:
            yield from _sentences_of(ast.parse(text), file.relative_to(SIM.parent))


def _sentences_of(tree: ast.AST, file: Path) -> Iterator[Said]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            texts = [
                part.value
                for part in node.args
                if isinstance(part, ast.Constant) and isinstance(part.value, str)
            ]
            name, where = _name(node.func), f"{file}:{node.lineno}"
            if name in _SAYING and texts:
                yield Said(where, texts[0])
            if name == _COUNTING and texts:
                many = texts[1] if len(texts) > 1 else f"{texts[0]}s"
                yield Said(where, f"{{number}} {many}")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def names() -> Iterator[Said]:
    """Yield what is said of data: goods, services, and the shipped scenarios and policies."""
    for name in (*GRADES, *PLACES):
        yield Said("sim/data", name)
    for name in (*good_names(), *SERVICES):
        yield Said("sim/data", name.replace("_", " "))
    for parameter in registry().values():
        yield Said(parameter.name, parameter.meaning)
        if re.search("[a-z]", parameter.unit):
            yield Said(parameter.name, parameter.unit)
    for text in (*NAMES.values(), TOGETHER, *GROUPS, *chain(*GROUPS.values())):
        yield Said("sim/experiments", text)
    for outcome in OUTCOMES:
        yield Said("sim/experiments/outcomes.py", outcome.meaning)
        yield from (Said("sim/experiments/outcomes.py", unit) for unit in _units(outcome.unit))
    for file in sorted((SIM.parent / "scenarios").rglob("*.toml")):
        for text in _own_texts(tomllib.loads(file.read_text(encoding="utf-8"))):
            yield Said(str(file.relative_to(SIM.parent)), " ".join(text.split()))


def _units(unit: str) -> set[str]:
    """Return a unit, and that by which money is divided in it, which has units of its own."""
    return {unit, unit.removeprefix("yuan")} - {"", "1"}


def _own_texts(table: object) -> Iterator[str]:
    if isinstance(table, dict):
        for key, value in table.items():
            if key in _OWN_KEYS and isinstance(value, str):
                yield value
            yield from _own_texts(value)
    elif isinstance(table, list):
        for value in table:
            yield from _own_texts(value)


def translations(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield the file, the English and the translation of each line of the catalogues."""
    for file in sorted((SIM / "words" / language).glob("*.toml")):
        for english, translation in tomllib.loads(file.read_text(encoding="utf-8")).items():
            yield file.name, english, translation


def placeholders(sentence: str) -> set[str]:
    """Return the names in braces, each of which must be a plain name."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
