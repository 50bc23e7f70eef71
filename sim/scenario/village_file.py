"""Villages in a table of the researcher's own, as CSV or Parquet: read, checked and written.

The columns are those of `sim.scenario.village_columns`. All rows are checked at once, so that half
a million villages load in seconds; the first cell that is wrong is told with its row and column.
"""

import hashlib
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest
from sim.scenario.files import shown
from sim.scenario.village_columns import PLACES, VILLAGE_COLUMNS, VillageColumn
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OUTSIDE_GOODS
from sim.world.parameters import good_names, goods
from sim.world.places import position_km
from sim.world.register import NO_GOOD, Register

FORMATS: Final = (".csv", ".parquet")
MOST_PEOPLE_PER_HOUSEHOLD: Final = 6
_WRITTEN: Final = "a readable table in UTF-8, with commas between columns and a line of heads"
_LONGEST_NAME: Final = 100
_COLUMN: Final = {column.name: column for column in VILLAGE_COLUMNS}
_PAIRS: Final = (("x_km", "y_km"), ("longitude", "latitude"))


def file_checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_villages(path: Path) -> Register:
    """Return the villages of a file, in the order of its rows.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8 with a line of heads, or a Parquet file.

    Raises
    ------
    ScenarioError
        For the first thing that is wrong: file, row, column, value, what is allowed.
    """
    table = _Table(path)
    table.check()
    return _register(table)


def write_villages(register: Register, path: Path) -> None:
    """Write villages so that reading them gives the same ones, to the last bit.

    Parameters
    ----------
    register : Register
        The villages.
    path : Path
        File to write, ending in .csv or .parquet.

    Raises
    ------
    ScenarioError
        If the ending is another one, or the file cannot be written.
    """
    _check_format(path)
    table = _written(register)
    # Beside its place first, so that a file that is there is never half of one.
    unfinished = path.with_name(f".{path.name}.writing")
    try:
        with unfinished.open("wb") as file:
            table.write_csv(file) if path.suffix == ".csv" else table.write_parquet(file)
        unfinished.replace(path)
    except OSError as error:
        allowed = "a file that can be written"
        raise ScenarioError(shown(path), "", error.strerror, allowed) from error
    finally:
        if unfinished.exists():
            unfinished.unlink()


class _Table:
    """The cells of a file, and what is wrong with them."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.frame = _read(path)
        self.columns: dict[str, Any] = {}

    def refuse(
        self, row: int, column: str, given: object, allowed: str, like: str = ""
    ) -> ScenarioError:
        # Rows as a table on screen counts them: the heads of a CSV file are row 1.
        number = row + (2 if self.path.suffix == ".csv" else 1)
        return ScenarioError(f"{shown(self.path)}, row {number}", column, given, allowed, like)

    def check(self) -> None:
        """Read every column, and check what its cells say.

        Raises
        ------
        ScenarioError
            For the first thing that is wrong.
        """
        self._check_heads()
        for column in VILLAGE_COLUMNS:
            self.columns[column.name] = self._column(column)
        self._check_households()
        self._check_producers("farmers", "crop", "orchard_mu_mean")
        self._check_producers("manufacturers", "product", "capacity_pieces_per_month_mean")
        self._check_outside()
        self._check_positions()
        self._check_names_once()

    def numbers(self, name: str) -> Any:
        """Return a column of numbers; nan where there is none."""
        import polars as pl

        return self.columns[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

    def _check_heads(self) -> None:
        where, heads = shown(self.path), self.frame.columns
        if not all(head.isprintable() and len(head) <= _LONGEST_NAME for head in heads):
            raise ScenarioError(where, allowed=_WRITTEN)
        for head in heads:
            if head not in _COLUMN:
                name = head.partition("_duplicated_")[0]  # as Polars calls a second one
                name = name if name in _COLUMN else head
                allowed = f"no other columns than {', '.join(_COLUMN)}, each once"
                raise ScenarioError(where, f"column {name}", None, allowed, nearest(head, _COLUMN))
        for name, column in _COLUMN.items():
            if column.is_required and name not in heads:
                raise ScenarioError(where, f"column {name}", None, "this column, which is required")
        for pair in _PAIRS:
            if len(set(pair) & set(heads)) == 1:
                missing = next(name for name in pair if name not in heads)
                raise ScenarioError(
                    where, f"column {missing}", None, f"both of {' and '.join(pair)}"
                )
        if {"x_km", "longitude"} <= set(heads):
            allowed = "x_km and y_km, or longitude and latitude, not both"
            raise ScenarioError(where, "column longitude", None, allowed)
        if not self.frame.height:
            raise ScenarioError(where, allowed="at least one village; there is no row")

    def _column(self, column: VillageColumn) -> Any:
        import polars as pl

        if column.name not in self.frame.columns:
            return pl.Series(column.name, [column.default], self._dtype(column)).new_from_index(
                0, self.frame.height
            )
        cells = self.frame[column.name]
        if not (
            cells.dtype.is_numeric() or cells.dtype in (pl.String, pl.Categorical, pl.Enum, pl.Null)
        ):
            where, allowed = shown(self.path), "a column of texts or of numbers"
            raise ScenarioError(where, f"column {column.name}", str(cells.dtype), allowed)
        if column.is_required and cells.null_count():
            raise self.refuse(
                self._first(cells.is_null()), column.name, None, "a value, which is required"
            )
        read = {"name": self._names, "whole": self._numbers, "number": self._numbers}
        values = read.get(column.kind, self._goods)(column, cells)
        if column.is_required or column.default is None:
            return values
        return values.fill_null(column.default)

    @staticmethod
    def _dtype(column: VillageColumn) -> Any:
        import polars as pl

        return {"whole": pl.Int64, "number": pl.Float64}.get(column.kind, pl.String)

    @staticmethod
    def _first(wrong: Any) -> int:
        return int(wrong.arg_max())

    def _refuse_any(self, wrong: Any, column: str, allowed: str, names: Any = ()) -> None:
        wrong = wrong.fill_null(value=False)
        if wrong.any():
            row = self._first(wrong)
            given = self.frame[column][row] if column in self.frame.columns else None
            raise self.refuse(row, column, given, allowed, nearest(given, names))

    def _names(self, column: VillageColumn, cells: Any) -> Any:
        import polars as pl

        names = cells.cast(pl.String)
        wrong = (names.str.strip_chars() != names) | names.str.contains(r"[/\p{C}]")
        wrong |= (names.str.len_chars() > _LONGEST_NAME) | (names.str.len_chars() == 0)
        allowed = (
            f"a name of at most {_LONGEST_NAME} letters, without '/', line breaks or outer spaces"
        )
        self._refuse_any(wrong, column.name, allowed)
        return names

    def _numbers(self, column: VillageColumn, cells: Any) -> Any:
        import polars as pl

        what = "a whole number" if column.kind == "whole" else "a number"
        allowed = f"{what} from {column.low:g} to {column.high:,.12g}".replace(",", "")
        # What is written is read as text and then as a number, so that a wrong cell can be told.
        is_text = cells.dtype == pl.String
        values = (cells.str.strip_chars() if is_text else cells).cast(pl.Float64, strict=False)
        wrong = values.is_null() & cells.is_not_null() | values.is_nan()
        wrong |= (values < column.low) | (values > column.high)
        if column.kind == "whole":
            wrong |= values != values.round()
        self._refuse_any(wrong, column.name, allowed)
        return values.cast(self._dtype(column))

    def _goods(self, column: VillageColumn, cells: Any) -> Any:
        import polars as pl

        perishable = column.kind == "crop"
        names = [
            g for g, p in zip(good_names(), goods().perishable, strict=True) if p == perishable
        ]
        texts = cells.cast(pl.String)
        kind = "a perishable good" if perishable else "a durable good"
        self._refuse_any(~texts.is_in(names), column.name, f"{kind}: {listed(names)}", names)
        return texts

    def _check_households(self) -> None:
        people, households = self.columns["people"], self.columns["households"]
        wrong = (people < households) | (people > MOST_PEOPLE_PER_HOUSEHOLD * households)
        self._refuse_any(wrong, "people", f"one to {MOST_PEOPLE_PER_HOUSEHOLD} people a household")
        wrong = self.columns["farmers"] + self.columns["manufacturers"] > households
        allowed = "at least the number of farmers and manufacturers together"
        self._refuse_any(wrong, "households", allowed)

    def _check_producers(self, group: str, good: str, size: str) -> None:
        there = self.columns[group] > 0
        has_good = self.columns[good].is_not_null()
        self._refuse_any(there & ~has_good, good, f"a good, for there are {group}")
        self._refuse_any(~there & has_good, group, f"at least 1, for there is a {good}")
        self._refuse_any(there & (self.columns[size] <= 0), size, f"above 0, for there are {group}")

    def _check_outside(self) -> None:
        named = ["product", *(f"outside_{n}" for n in range(1, OUTSIDE_GOODS + 1))]
        for place, name in enumerate(named):
            for other in named[:place]:
                wrong = self.columns[name] == self.columns[other]
                self._refuse_any(wrong, name, f"another good than {other}")

    def _check_positions(self) -> None:
        for first, second in _PAIRS:
            for name, other in ((first, second), (second, first)):
                wrong = self.columns[name].is_null() & self.columns[other].is_not_null()
                self._refuse_any(wrong, name, f"a value, for there is one of {other}")

    def _check_names_once(self) -> None:
        import polars as pl

        paths = pl.DataFrame([self.columns[name] for name in PLACES]).to_struct()
        self._refuse_any(~paths.is_first_distinct(), "name", "names that are unique in their town")


def _check_format(path: Path) -> None:
    if path.suffix not in FORMATS:
        allowed = f"a file that ends in {' or '.join(FORMATS)}"
        raise ScenarioError(shown(path), "", path.suffix or "(no ending)", allowed)


def _read(path: Path) -> Any:
    _check_format(path)
    import polars as pl

    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path)
        cells = pl.read_csv(path, infer_schema=False)
        return cells.with_columns(pl.all().replace("", None))  # a cell that says "" is empty
    except (OSError, pl.exceptions.PolarsError) as error:
        reason = str(error).splitlines()[0]
        allowed = _WRITTEN if path.suffix == ".csv" else f"a readable {path.suffix} file"
        raise ScenarioError(shown(path), "", reason, allowed) from error


def _register(table: _Table) -> Register:
    import polars as pl

    columns, numbers = table.columns, table.numbers
    towns = pl.DataFrame([columns[name] for name in PLACES[:-1]]).select(
        pl.concat_str(PLACES[:-1], separator="/")
    )
    town = towns.to_series()
    town_paths = town.unique().sort().to_list()
    households = columns["households"].to_numpy()
    farmers, makers = columns["farmers"].to_numpy(), columns["manufacturers"].to_numpy()
    rooms = np.floor(numbers("rooms_per_household") * households + 0.5)
    outside = range(1, OUTSIDE_GOODS + 1)
    return Register(
        names=columns["name"].to_list(),
        town=town.cast(pl.Enum(town_paths)).to_physical().to_numpy().astype(np.int32),
        town_paths=town_paths,
        people=columns["people"].to_numpy().astype(np.int32),
        kind_count=np.column_stack([farmers, makers, households - farmers - makers, rooms]).astype(
            np.int32
        ),
        crop=_good_numbers(columns["crop"]),
        product=_good_numbers(columns["product"]),
        outside=np.column_stack([_good_numbers(columns[f"outside_{n}"]) for n in outside]),
        outside_km=np.column_stack([numbers(f"outside_{n}_km") for n in outside]),
        orchard_mu_mean=numbers("orchard_mu_mean"),
        capacity_pieces_per_month_mean=numbers("capacity_pieces_per_month_mean"),
        income_index=numbers("income_index"),
        internet_ratio=numbers("internet_ratio"),
        trade_tradition=numbers("trade_tradition"),
        broadband_year=columns["broadband_year"].to_numpy().astype(np.int16),
        distance_to_city_km=numbers("distance_to_city_km"),
        position_km=_positions(table),
    )


def _good_numbers(names: Any) -> Any:
    import polars as pl

    number = {name: place for place, name in enumerate(good_names())}
    found = names.replace_strict(number, default=NO_GOOD, return_dtype=pl.Int8)
    return found.fill_null(NO_GOOD).to_numpy()


def _positions(table: _Table) -> Any:
    if "longitude" in table.frame.columns:
        return position_km(table.numbers("longitude"), table.numbers("latitude"))
    return np.column_stack([table.numbers("x_km"), table.numbers("y_km")])


def _written(register: Register) -> Any:
    """Return villages as a table with the columns of a file."""
    import polars as pl

    good = np.array([*good_names(), None], object)
    town_places = np.array([path.split("/") for path in register.town_paths], object)
    places = town_places[register.town]
    count, households = register.kind_count, register.households
    km = np.where(register.outside == NO_GOOD, 0.0, register.outside_km)
    columns: dict[str, Any] = {
        **{name: pl.Series(places[:, n].tolist()) for n, name in enumerate(PLACES[:-1])},
        "name": pl.Series(register.names),
        "people": register.people,
        "households": households,
        "broadband_year": register.broadband_year,
        "farmers": count[:, FARMER],
        "crop": pl.Series(good[register.crop].tolist(), dtype=pl.String),
        "orchard_mu_mean": register.orchard_mu_mean,
        "manufacturers": count[:, MANUFACTURER],
        "product": pl.Series(good[register.product].tolist(), dtype=pl.String),
        "capacity_pieces_per_month_mean": register.capacity_pieces_per_month_mean,
    }
    for n in range(OUTSIDE_GOODS):
        named = good[register.outside[:, n]].tolist()
        columns[f"outside_{n + 1}"] = pl.Series(named, dtype=pl.String)
        columns[f"outside_{n + 1}_km"] = km[:, n]
    columns |= {
        "income_index": register.income_index,
        "internet_ratio": register.internet_ratio,
        "trade_tradition": register.trade_tradition,
        "rooms_per_household": count[:, INCOMER] / households,
        "distance_to_city_km": register.distance_to_city_km,
        "x_km": register.position_km[:, 0],
        "y_km": register.position_km[:, 1],
    }
    return pl.DataFrame({name: columns[name] for name in _COLUMN if name in columns}).fill_nan(None)
