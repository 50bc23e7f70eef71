"""What a run is judged by: one number for each outcome, the same for sweeps and comparisons.

A number that a run does not have, such as the day of a crossing that never came, is nan. Dates are
days since the run's first day, so that nan there means: not within `followed_days` (censored).
"""

from datetime import date
from math import nan
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.experiments.run import RunResult
from sim.results.accounting import accounting
from sim.results.incomes import FIFTHS, income_fifths, mean_incomes, of_year, poverty_share
from sim.results.record import Columns, RunRecord
from sim.results.schema import KINDS
from sim.results.summary import Summary, summarize
from sim.results.tables import income_yuan

Better = Literal["more", "less", "sooner", ""]


class Outcome(NamedTuple):
    """An outcome: its name, which tells its unit, and what it means."""

    name: str
    unit: str
    meaning: str
    better: Better = ""
    """Which way is better for the village; empty where nobody can say."""


_OF_YEAR: Final = (
    Outcome("online_sales_yuan", "yuan/year", "online sales", "more"),
    Outcome("orders", "orders/year", "orders shipped", "more"),
    Outcome("active_stores", "stores", "active stores at the end", "more"),
    Outcome("stores_opened", "stores/year", "stores opened"),
    Outcome("stores_closed", "stores/year", "stores closed"),
    Outcome("jobs_in_stores", "jobs", "jobs in stores at the end", "more"),
    Outcome("jobs_with_makers_and_carriers", "jobs", "jobs with makers and carriers", "more"),
    Outcome("designated_villages", "villages", "villages that satisfy the rule at the end", "more"),
    Outcome("listed_villages", "villages", "villages on the last list", "more"),
    Outcome("farmers_online_income_share", "1", "share of online in farmers' income", "more"),
    Outcome("gini", "1", "inequality of household income", "less"),
)
_OF_SEASON: Final = (
    Outcome("season_orders", "orders", "fruit orders of the last season", "more"),
    Outcome("season_online_sales_yuan", "yuan", "fruit sold online in the last season", "more"),
    Outcome("season_online_kg", "kg", "fruit sold online in the last season", "more"),
    Outcome("season_lost_kg", "kg", "fruit spoiled or left in the last season", "less"),
    Outcome(
        "season_growers_online_income_share", "1", "online share of income from the crop", "more"
    ),
)
_OF_INCOME: Final = (
    Outcome("poverty_share", "1", "share of households below the poverty line", "less"),
    Outcome("mean_income_local_yuan", "yuan/year", "mean income of local households", "more"),
    *(
        Outcome(
            f"mean_income_{kind}_yuan", "yuan/year", f"mean income of {kind} households", "more"
        )
        for kind in KINDS
    ),
    *(
        Outcome(
            f"income_fifth_{place}_yuan_per_head",
            "yuan/year",
            f"mean income per head of the {name} fifth of households",
            "more",
        )
        for place, name in enumerate(FIFTHS, start=1)
    ),
    Outcome(
        "total_local_income_yuan",
        "yuan",
        "income of local households in all complete years",
        "more",
    ),
)
"""Known where households were kept. Local households are all but incomers."""
OUTCOMES: Final[tuple[Outcome, ...]] = (
    Outcome("followed_days", "days", "days of the run"),
    Outcome(
        "crossed_after_days", "days", "first day on which a village satisfies the rule", "sooner"
    ),
    Outcome("listed_after_days", "days", "first listing of a village", "sooner"),
    *_OF_YEAR,
    *_OF_INCOME,
    *_OF_SEASON,
    Outcome("total_online_sales_yuan", "yuan", "online sales of the whole run", "more"),
    Outcome(
        "total_policy_cost_yuan",
        "yuan",
        "running costs and subsidies of policies in the whole run",
        "less",
    ),
)
"""Every outcome, in the order of columns. Numbers of a year are those of the last complete one."""


def outcomes_of(result: RunResult) -> dict[str, float]:
    """Return every outcome of a finished run, nan where the run has none."""
    return _outcomes(result.record, result.summary)


def outcomes_of_record(record: RunRecord) -> dict[str, float]:
    """Return the same as `outcomes_of` without summing up the years that no outcome is about."""
    year = record.end.year if record.end >= date(record.end.year, 12, 31) else record.end.year - 1
    return _outcomes(record, summarize(record, only_year=year))


def _outcomes(record: RunRecord, summary: Summary) -> dict[str, float]:
    start = date.fromisoformat(summary["start"])
    days = (date.fromisoformat(summary["end"]) - start).days + 1
    found = {"followed_days": float(days)}
    for name in ("crossed", "listed"):
        dates = [each[f"{name}_on"] for each in summary["designations"] if each[f"{name}_on"]]
        first = min(dates, default=None)
        found[f"{name}_after_days"] = (
            nan if first is None else float((date.fromisoformat(first) - start).days)
        )
    year = _last_complete_year(summary)
    for outcome in _OF_YEAR:
        found[outcome.name] = _number(year.get(outcome.name))
    found |= _incomes(record, summary)
    season: dict[str, Any] = next(reversed(summary["seasons"].values()), {})
    for outcome in _OF_SEASON:
        found[outcome.name] = _number(season.get(outcome.name.removeprefix("season_")))
    months = record.tables.get("village_months") or record.tables.get("village_years") or {}
    for name in ("online_sales_yuan", "policy_cost_yuan"):
        found[f"total_{name}"] = float(np.sum(months[name])) if months else 0.0
    if months:  # a subsidy has no yearly cost of its own: it costs what shops receive
        found["total_policy_cost_yuan"] += float(np.sum(months["subsidies_yuan"]))
    return {outcome.name: found[outcome.name] for outcome in OUTCOMES}


def _incomes(record: RunRecord, summary: Summary) -> dict[str, float]:
    """Return poverty and incomes of the last complete year, where households were kept."""
    found = {outcome.name: nan for outcome in _OF_INCOME}
    households = record.tables.get("household_years") or {}
    if not households or not _last_complete_year(summary):
        return found
    of_last = of_year(households, int(households["year"].max()))
    line = accounting().poverty_line_yuan_per_year
    found["poverty_share"] = _number(poverty_share(of_last, line))
    for mean in mean_incomes(of_last):
        found[f"mean_income_{mean.kind}_yuan"] = mean.income_yuan
    for place, mean_yuan in enumerate(income_fifths(of_last), start=1):
        found[f"income_fifth_{place}_yuan_per_head"] = mean_yuan
    found["mean_income_local_yuan"] = float(income_yuan(of_last)[_is_local(of_last)].mean())
    counted = _is_local(households) & (households["year"] >= _first_complete_year(summary))
    found["total_local_income_yuan"] = float(income_yuan(households)[counted].sum())
    return found


def _is_local(households: Columns) -> NDArray[np.bool_]:
    local: NDArray[np.bool_] = households["kind"] != KINDS.index("incomer")
    return local


def _first_complete_year(summary: Summary) -> int:
    start = date.fromisoformat(summary["start"])
    return start.year if start == date(start.year, 1, 1) else start.year + 1


def _last_complete_year(summary: Summary) -> dict[str, Any]:
    """Return the numbers of the last year that was run from January to December."""
    for year in reversed(list(summary["years"])):
        if summary["start"] <= f"{year}-01-01" and f"{year}-12-31" <= summary["end"]:
            numbers: dict[str, Any] = summary["years"][year]
            return numbers
    return {}


def _number(value: float | None) -> float:
    return nan if value is None else float(value)
