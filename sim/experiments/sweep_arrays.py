"""Outcomes of a sweep, and tables of findings, as arrays with named dimensions."""

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.experiments.extras import need


def dataset_of(result: Any) -> Any:
    """Return the outcomes of a `SweepResult` as an xarray dataset.

    Raises
    ------
    RunError
        If xarray is not installed.
    """
    xarray = need("xarray", "notebook")
    table = result.table
    point = table.column("point").to_numpy()
    replicate = table.column("replicate").to_numpy()
    points, place = np.unique(point, return_inverse=True)
    first = np.unique(point, return_index=True)[1]
    keys = {key: _values(table, key)[first] for key in result.keys}
    replicates = np.arange(result.about["replicates"])
    arrays = {}
    for name in result.outcomes:
        found = np.full((points.size, replicates.size), np.nan)
        found[place, replicate] = _values(table, name)
        arrays[name] = found
    levels = _levels(keys)
    if result.about["design"]["name"] == "grid" and prod(map(len, levels.values())) == points.size:
        dims = (*levels, "replicate")
        shape = (*(len(values) for values in levels.values()), replicates.size)
        arrays = {name: values.reshape(shape) for name, values in arrays.items()}
        coordinates: dict[str, Any] = {**levels, "replicate": replicates}
    else:
        dims = ("point", "replicate")
        along = {key: ("point", values) for key, values in keys.items()}
        coordinates = {"point": points, "replicate": replicates, **along}
    data = {name: (dims, values) for name, values in arrays.items()}
    return xarray.Dataset(data, coordinates)


def dataset_of_table(table: Any, index: Sequence[str]) -> Any:
    """Return a table of findings as an xarray dataset.

    Parameters
    ----------
    table : polars.DataFrame
        The findings.
    index : sequence of str
        Columns that tell the rows apart; they become the dimensions.

    Raises
    ------
    RunError
        If xarray or pandas is not installed.
    """
    need("xarray", "notebook")
    need("pandas", "notebook")
    return table.to_arrow().to_pandas().set_index(list(index)).to_xarray()


def _values(table: Any, name: str) -> NDArray[Any]:
    """Return a column as NumPy has it: days of dates, nan for null."""
    values: NDArray[Any] = table.column(name).to_numpy()
    # xarray keeps nanoseconds, and says so of anything else.
    return values.astype("datetime64[ns]") if values.dtype.kind == "M" else values


def _levels(keys: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return the values of each key in the order in which they come first."""
    found = {}
    for key, values in keys.items():
        firsts = {value: place for place, value in reversed(list(enumerate(values.tolist())))}
        found[key] = values[np.sort(np.array(list(firsts.values()), np.int64))]
    return found
