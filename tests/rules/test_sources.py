import ast
from pathlib import Path

import pytest

import sim.rules

FOLDER = Path(sim.rules.__file__).parent


def functions() -> list[tuple[str, ast.FunctionDef]]:
    """Every function at the top of a module of rules, with its name for people."""
    return [
        (f"{path.stem}.{node.name}", node)
        for path in sorted(FOLDER.glob("*.py"))
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
    ]


FUNCTIONS = functions()
IDS = [name for name, _ in FUNCTIONS]
SYNTAX = [node for _, node in FUNCTIONS]


def test_there_are_rules():
    assert len(FUNCTIONS) > 30


@pytest.mark.parametrize("function", SYNTAX, ids=IDS)
def test_every_function_among_the_rules_is_a_rule(function):
    assert [ast.unparse(decorator) for decorator in function.decorator_list] == ["rule"]


@pytest.mark.parametrize("function", SYNTAX, ids=IDS)
def test_every_rule_names_its_source(function):
    _, found, source = (ast.get_docstring(function) or "").partition("Source:")

    assert found
    assert source.strip()


@pytest.mark.parametrize("function", SYNTAX, ids=IDS)
def test_every_rule_opens_with_what_it_gives(function):
    first_line = (ast.get_docstring(function) or "").partition("\n")[0]

    assert first_line.endswith(".")
    assert "Source:" not in first_line


@pytest.mark.parametrize("function", SYNTAX, ids=IDS)
def test_every_rule_has_a_test(function):
    tests = "".join(
        path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")
    )

    assert f"{function.name}(" in tests
