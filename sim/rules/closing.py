"""When a shop is given up."""

from typing import Any, NamedTuple

from sim.compiled import rule


class ClosingOutlook(NamedTuple):
    """What an owner knows on the first of a month when a shop may be closed."""

    cash_yuan: float
    """The household's cash [yuan]."""
    credit_yuan: float
    """Credit open to the household [yuan]."""
    wage_yuan_per_month: float
    """The village's wage [yuan/month]."""
    months_below: int
    """Months in a row with an average profit below the closing line."""
    age_months: int
    """Months the shop has been open."""
    is_seasonal: bool
    u: float
    """The shop's uniform number for this decision (0-1)."""


@rule
def average_profit_yuan_per_month(profit_of_last_year_yuan: float, age_months: int) -> float:
    """Average profit [yuan/month] over twelve months, or the shop's life if shorter.

    Source: definition.
    """
    return profit_of_last_year_yuan / max(1, min(age_months, 12))


@rule
def closing_line_yuan_per_month(
    wage_yuan_per_month: float, work_share: float, close_wage_ratio: float
) -> float:
    """Average profit below which an owner thinks of giving up [yuan/month], >= 0.

    Source: assumed form (outside option); ratio calibrated, behaviour.toml close_wage_ratio.
    """
    return close_wage_ratio * work_share * wage_yuan_per_month


@rule
def wants_to_close(o: Any, b: Any) -> bool:
    """Whether the owner closes the shop this month; o is a ClosingOutlook.

    Losses beyond the household's means close it at once; a profit below the outside wage for
    several months closes it with a chance each month.
    Source: about a dozen of a hundred starters survive (Qingyanliu, spoken estimate);
    behaviour.toml close_*, means_months calibrated.
    """
    if o.cash_yuan < -(b.means_months * o.wage_yuan_per_month + o.credit_yuan):
        return True
    if o.months_below < b.close_patience_months:
        return False
    if o.is_seasonal and o.age_months < 12:
        return False
    return o.u < b.close_probability
