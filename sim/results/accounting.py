"""What runs are summed up with: workers per piece and parcel, the poverty line."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import DataError
from sim.world.parameters import Parameter, read_data

FILE_NAME: Final = "accounting.toml"
_MONTHS, _DAYS = 12, 365


class Accounting(NamedTuple):
    """The values of sim/data/accounting.toml."""

    pieces_per_maker_worker_month: float
    parcels_per_carrier_day: float
    poverty_line_yuan_per_year: float
    """For each head of a household."""
    season_share_of_peak: float


@cache
def accounting_parameters() -> dict[str, Parameter]:
    """Return every value with its unit, meaning, source and plausible range.

    Raises
    ------
    DataError
        If the file lacks something.
    """
    entries = read_data(FILE_NAME)
    try:
        return {name: Parameter(name=name, **entry) for name, entry in entries.items()}
    except TypeError as error:
        raise DataError(f"sim/data/{FILE_NAME}: {error}") from error


@cache
def accounting() -> Accounting:
    """Return the values."""
    values = {name: p.value for name, p in accounting_parameters().items()}
    return Accounting(**{name: float(values[name]) for name in Accounting._fields})  # type: ignore[arg-type]


def workers_caused_by_orders[Number: (float, NDArray[np.float64])](
    pieces: Number, parcels: Number, share_of_year: float
) -> Number:
    """Return the workers of makers and carriers that orders keep busy [persons].

    Parameters
    ----------
    pieces, parcels : float or array
        Shipped in a year, or in a part of it.
    share_of_year : float
        The part (0-1, above 0).
    """
    a = accounting()
    makers = pieces / (a.pieces_per_maker_worker_month * _MONTHS)
    carriers = parcels / (a.parcels_per_carrier_day * _DAYS)
    return (makers + carriers) / share_of_year
