"""What the code says and what the catalogues of another language have, for comparison."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import NamedTuple

SIM = Path(__file__).parents[2] / "sim"
_SAYING = {"t", "phrase"}


class Said(NamedTuple):
    where: str
    english: str


def sentences() -> Iterator[Said]:
    """Yield each text that the code hands to `t` or `phrase`."""
    for file in sorted(SIM.rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        if "sim.words" in text:
            yield from _sentences_of(ast.parse(text), file.relative_to(SIM.parent))


def _sentences_of(tree: ast.AST, file: Path) -> Iterator[Said]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in _SAYING and node.args:
            argument = node.args[0]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield Said(f"{file}:{node.lineno}", argument.value)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def translations(language: str) -> Iterator[tuple[str, str, str]]:
    """Yield the file, the English and the translation of each line of the catalogues."""
    for file in sorted((SIM / "words" / language).glob("*.toml")):
        for english, translation in tomllib.loads(file.read_text(encoding="utf-8")).items():
            yield file.name, english, translation


def placeholders(sentence: str) -> set[str]:
    """Return the names in braces, each of which must be a plain name."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
