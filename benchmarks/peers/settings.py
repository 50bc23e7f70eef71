"""What the core is computed with: the same numbers for this project and for its peers.

Imports nothing of this project, for peers live in an environment without it. Names are those of
`sim/data/behaviour.toml` where a rule reads them; the equations stand in README.md.
"""

from math import exp
from typing import Final, NamedTuple

MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
                     31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)  # fmt: skip
"""Days of the months of 2015 and 2016."""

VILLAGE_HOUSEHOLDS: Final = 1000
NEIGHBOUR_STEPS: Final = (-2, -1, 1, 2)
ACQUAINTANCES: Final = 4
ACCOUNTING_YEAR: Final = 12
"""Months of the last year, whose income is compared."""


class Settings(NamedTuple):
    """The core's parameters."""

    wage_yuan_per_month: float = 3000.0
    workers: float = 2.0
    consumption_share: float = 0.7
    savings_yuan: float = 20_000.0
    savings_sigma: float = 1.0
    setup_cost_yuan: float = 5000.0
    price_yuan: float = 80.0
    unit_cost_yuan: float = 50.0
    parcel_yuan: float = 8.0
    fee_share: float = 0.032
    fixed_cost_yuan_per_month: float = 300.0
    typical_orders_per_day: float = 4.0
    appeal_sigma: float = 1.0
    appeal_knowledge: float = 1.0
    learning_prior: float = 2.0
    prior_profit_wages: float = 0.8
    learning_peer: float = 1.0
    gain_limit: float = 3.0
    open_intercept: float = -5.5
    open_gain: float = 0.6
    open_imitation: float = 4.0
    open_knowledge: float = 2.0
    open_entry_cost: float = 1.0
    close_wage_ratio: float = 0.8
    close_patience_months: int = 3

    @property
    def margin_yuan(self) -> float:
        """What an order leaves before fixed costs [yuan/order]."""
        kept = self.price_yuan * (1.0 - self.fee_share)
        return kept - self.unit_cost_yuan - self.parcel_yuan

    @property
    def closing_line_yuan(self) -> float:
        """Profit of a month below which it is a bad one [yuan/month]."""
        return self.close_wage_ratio * self.wage_yuan_per_month

    @property
    def utility_of_all(self) -> float:
        """Part of the log-odds of opening that is the same for all households."""
        entry = self.setup_cost_yuan / (12.0 * self.wage_yuan_per_month)
        return self.open_intercept - self.open_entry_cost * entry

    def highest_chance(self, knowledge: float, anyone_sells: bool) -> float:
        """Chance of opening that no peers, however rich, can raise any further."""
        utility = self.utility_of_all + self.open_knowledge * knowledge
        utility += self.open_gain * self.gain_limit + self.open_imitation * anyone_sells
        return 1.0 / (1.0 + exp(-utility))
