"""The table of columns: what it says of itself, and that the engine keeps to it."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import sim.engine
from sim.world.columns import TABLES, Column, allocate, row_type

ENGINE = Path(sim.engine.__file__).parent
TABLE_OF = {table: table for table in TABLES} | {"h": "households", "p": "producers"}
"""Names under which the engine knows the tables."""
ROW_SETUP = {
    "households": {"setup"},
    "producers": {"setup"},
    "villages": {"setup"},
    "shops": {"opening._open", "opening.clear_shop"},
}
"""Who sets up rows: a module, or single functions of it."""
MONEY = [
    ("households", "cash_yuan"),
    ("households", "income_month_yuan"),
    ("households", "shop_profit_yuan"),
    ("producers", "offline_yuan"),
    ("producers", "online_yuan"),
    ("shops", "month_sales_yuan"),
    ("shops", "month_profit_yuan"),
    ("shops", "receivable_usd"),
    ("shops", "receivable_yuan"),
]
YEARLY = {"shop_profit_yuan", "offline_yuan", "online_yuan"}
"""Accounts of the year, which start anew once they are recorded."""

TABLES_OF_RESULTS = {"household_rows", "shop_rows", "resumed"}
"""Functions that copy columns, under the same names, for what is recorded or read back."""

COLUMNS = [(table, column) for table, columns in TABLES.items() for column in columns]
IDS = [f"{table}.{column.name}" for table, column in COLUMNS]


class Write(NamedTuple):
    """An assignment to an element of something."""

    module: str
    function: str
    table: str
    """Empty if the engine knows no table by that name."""
    column: str


def subscripts(node: ast.AST) -> Iterator[ast.Subscript]:
    """Every subscript that is assigned to somewhere in a piece of code."""
    for statement in ast.walk(node):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AugAssign):
            targets = [statement.target]
        for target in targets:
            parts = target.elts if isinstance(target, ast.Tuple) else [target]
            yield from (part for part in parts if isinstance(part, ast.Subscript))


def looped_names(function: ast.FunctionDef) -> dict[ast.Subscript, list[str]]:
    """Names that `name` runs through in ``for name in ("a", "b"): table[name] = …``."""
    return {
        subscript: [name.value for name in loop.iter.elts]
        for loop in ast.walk(function)
        if isinstance(loop, ast.For) and isinstance(loop.iter, ast.Tuple)
        for subscript in subscripts(loop)
        if ast.dump(subscript.slice) == ast.dump(ast.Name(loop.target.id, ast.Load()))
    }


def last_name(node: ast.AST) -> str:
    """`shops` of `shops` and of `state.shops`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def place(subscript: ast.Subscript) -> tuple[str, str]:
    """Name of the table and of the column in `table.column[…]` or `table["column"]…`."""
    base, key = subscript.value, subscript.slice
    if isinstance(base, ast.Subscript):  # table["column"][…]
        base, key = base.value, base.slice
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        return last_name(base), key.value
    if isinstance(base, ast.Attribute):
        return last_name(base.value), base.attr
    return last_name(base), ""


def writes() -> Iterator[Write]:
    """Every assignment to an element of something in the engine."""
    for path in sorted(ENGINE.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            looped = looped_names(function)
            for subscript in subscripts(function):
                if subscript in looped:
                    table = TABLE_OF.get(last_name(subscript.value), "")
                    names = looped[subscript]
                else:
                    name, column = place(subscript)
                    table, names = TABLE_OF.get(name, ""), [column]
                for name in names:
                    yield Write(path.stem, function.name, table, name)


WRITES = list(writes())


def writers(table: str, name: str) -> set[str]:
    """Modules that write a column of rows that are set up already."""
    return {
        write.module
        for write in WRITES
        if (write.table, write.column) == (table, name)
        and not {write.module, f"{write.module}.{write.function}"} & ROW_SETUP[table]
    }


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_a_column_is_written_by_its_owners_alone(table: str, column: Column) -> None:
    # Some columns are only set up, those of shops when a shop opens; some are left to Python.
    owners = set(column.owner.split(", ")) - {"setup", "agents"}
    owners -= {"opening"} if table == "shops" else set()

    assert writers(table, column.name) == owners


@pytest.mark.parametrize(("table", "name"), MONEY)
def test_money_moves_through_the_ledger_alone(table: str, name: str) -> None:
    assert writers(table, name) - ({"simulation"} if name in YEARLY else set()) == {"ledger"}


def test_the_search_for_writers_finds_the_forms_in_use() -> None:
    found = {(write.module, write.table, write.column) for write in WRITES}

    assert found >= {
        ("ledger", "households", "cash_yuan"),  # s.households.column[…] +=
        ("trade", "shops", "backlog"),  # alias.column[…] -=
        ("hearsay", "villages", "nearby_weight"),  # alias["column"] =
        ("shops", "villages", "shop_capacity"),  # alias["column"][…] =
        ("simulation", "producers", "online_yuan"),  # for name in (…): state.table[name] =
    }


def test_every_write_to_a_name_of_a_column_is_to_a_table_that_the_search_knows() -> None:
    names = {column.name for _, column in COLUMNS}

    unknown = [write for write in WRITES if not write.table and write.column in names]

    assert [write for write in unknown if write.function not in TABLES_OF_RESULTS] == []


def test_every_column_of_a_shop_is_set_when_one_opens() -> None:
    # Its row may have been that of a shop that has closed.
    set_up = {
        write.column
        for write in WRITES
        if write.table == "shops" and f"{write.module}.{write.function}" in ROW_SETUP["shops"]
    }

    assert {column.name for column in TABLES["shops"]} - set_up == set()


def test_a_household_costs_at_most_80_bytes() -> None:
    assert row_type("households").itemsize <= 80


@pytest.mark.parametrize("table", TABLES)
def test_columns_have_names_of_their_own(table: str) -> None:
    names = [column.name for column in TABLES[table]]

    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_a_column_starts_with_its_initial_value(table: str, column: Column) -> None:
    made = allocate(table, 3)[column.name]

    np.testing.assert_array_equal(made, np.full_like(made, column.initial))


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_a_column_has_the_shape_of_its_width(table: str, column: Column) -> None:
    shape = (3,) if column.width == 1 else (3, column.width)

    assert allocate(table, 3)[column.name].shape == shape


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_a_column_says_what_it_means_and_in_which_unit(table: str, column: Column) -> None:
    assert column.unit
    assert column.meaning


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=IDS)
def test_money_and_mass_are_kept_in_double_precision(table: str, column: Column) -> None:
    # What others see of a shop's profit is an impression, and enters no account.
    is_seen = column.name.startswith("observed_")
    if column.unit.startswith(("yuan", "USD", "kg", "pieces")) and not is_seen:
        assert column.dtype == "f8"
