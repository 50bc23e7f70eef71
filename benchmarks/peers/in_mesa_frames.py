"""The core in mesa-frames, as its documentation teaches: agent sets are Polars frames.

Households and shops are sets; whatever touches all rows is one Polars expression. A shop is found
by its owner, whose identifier is the household's row.
"""

import numpy as np
import polars as pl
from mesa_frames import AgentSetPolars, ModelDF
from polars import col

from benchmarks.peers.outcome import MONTH_FIELDS, Outcome
from benchmarks.peers.settings import (
    ACCOUNTING_YEAR,
    ACQUAINTANCES,
    MONTH_DAYS,
    NEIGHBOUR_STEPS,
    VILLAGE_HOUSEHOLDS,
    Settings,
)

PEERS = [f"peer_{place}" for place in range(len(NEIGHBOUR_STEPS) + ACQUAINTANCES)]


def logistic(utility: pl.Expr) -> pl.Expr:
    return 1.0 / (1.0 + (-utility).exp())


class Households(AgentSetPolars):
    """Households; a peer is a row number, or null where there is none."""

    def __init__(self, model: "CoreModel", households: int) -> None:
        super().__init__(model)
        p, rng = model.settings, model.random
        luck = rng.normal(0.0, p.savings_sigma, households)
        self.add(
            pl.DataFrame(
                {
                    "unique_id": np.arange(households),
                    "cash_yuan": p.savings_yuan * np.exp(luck - p.savings_sigma**2 / 2),
                    "knowledge": rng.random(households),
                    "income_month_yuan": np.zeros(households),
                    "income_year_yuan": np.zeros(households),
                    "observed_profit_yuan": pl.repeat(
                        None, households, dtype=pl.Float64, eager=True
                    ),
                }
            ).with_columns(self._peers(households))
        )

    def _peers(self, households: int) -> list[pl.Series]:
        number = np.arange(households)
        first = number - number % VILLAGE_HOUSEHOLDS
        end = np.minimum(first + VILLAGE_HOUSEHOLDS, households)
        columns = []
        for step in NEIGHBOUR_STEPS:
            peer = number + step
            columns.append((peer, (peer >= first) & (peer < end)))
        for _ in range(ACQUAINTANCES):
            peer = self.model.random.integers(first, end)
            columns.append((peer, peer != number))
        return [
            pl.select(
                pl.when(pl.Series(known)).then(pl.Series(peer)).cast(pl.UInt32).alias(name)
            ).to_series()
            for name, (peer, known) in zip(PEERS, columns, strict=True)
        ]

    def openers(self) -> pl.DataFrame:
        """Return who opens a shop: only those whom their luck allows look at their peers."""
        p = self.model.settings
        luck = pl.Series("u", self.model.random.random(len(self)))
        knowledge = p.open_knowledge * col("knowledge")
        highest = p.utility_of_all + p.open_gain * p.gain_limit
        if self.model.anyone_sells:
            highest += p.open_imitation
        candidates = self.agents.select(
            "unique_id", "cash_yuan", "knowledge", "observed_profit_yuan", *PEERS
        ).with_columns(luck).filter(
            col("observed_profit_yuan").is_null()
            & (col("cash_yuan") >= p.setup_cost_yuan)
            & (col("u") < logistic(highest + knowledge))
        )  # fmt: skip
        observed = pl.lit(self.agents["observed_profit_yuan"])
        seen = [observed.gather(col(name)).alias(f"seen_{name}") for name in PEERS]
        names = [f"seen_{name}" for name in PEERS]
        wage = p.wage_yuan_per_month
        expected = p.learning_prior * p.prior_profit_wages * wage + p.learning_peer * col("profit")
        expected /= p.learning_prior + p.learning_peer * col("selling")
        utility = p.utility_of_all + knowledge
        utility += p.open_gain * ((expected - wage) / wage).clip(-2.0, p.gain_limit)
        utility += p.open_imitation * (col("selling") / col("known")).fill_nan(0.0)
        return (
            candidates.lazy()
            .with_columns(seen)
            .with_columns(
                known=pl.sum_horizontal(col(name).is_not_null() for name in PEERS),
                selling=pl.sum_horizontal(col(name).is_not_null() for name in names),
                profit=pl.sum_horizontal(names),
            )
            .filter(col("u") < logistic(utility))
            .select("unique_id", "knowledge")
            .collect()
        )

    def pay_setup(self, openers: pl.Series) -> None:
        paid = self.model.settings.setup_cost_yuan * col("unique_id").is_in(openers.implode())
        self.agents = self.agents.with_columns(
            cash_yuan=col("cash_yuan") - paid, income_month_yuan=-paid
        )

    def close_month(self, profits: pl.DataFrame) -> tuple[float, float, float]:
        """Earn profits and wages, consume; return wages, consumption and cash of all [yuan]."""
        p = self.model.settings
        workers = p.workers - col("profit").is_not_null().cast(pl.Float64)
        closed = (
            self.agents.lazy()
            .drop("observed_profit_yuan")
            .join(profits.lazy(), on="unique_id", how="left", maintain_order="left")
            .with_columns(wages=workers * p.wage_yuan_per_month)
            .with_columns(
                income=col("income_month_yuan") + col("profit").fill_null(0.0) + col("wages")
            )
            .with_columns(spent=p.consumption_share * col("income").clip(lower_bound=0.0))
            .with_columns(
                cash_yuan=col("cash_yuan")
                + col("profit").fill_null(0.0) + col("wages") - col("spent"),
                income_year_yuan=col("income_year_yuan") + self.model.is_last_year * col("income"),
                income_month_yuan=pl.lit(0.0),
            )
            .rename({"profit": "observed_profit_yuan"})
            .collect()
        )  # fmt: skip
        sums = closed.select(col("wages", "spent", "cash_yuan").sum()).row(0)
        self.agents = closed.drop("wages", "income", "spent")
        return sums

    def step(self) -> None:
        """Months, not days, are what households live by: the model calls the methods above."""


class Shops(AgentSetPolars):
    """Open shops; a shop's identifier is its owner's."""

    def __init__(self, model: "CoreModel") -> None:
        super().__init__(model)
        self.agents = pl.DataFrame(
            schema={
                "unique_id": pl.Int64,
                "orders_per_day": pl.Float64,
                "month_orders": pl.Int64,
                "months_below": pl.Int64,
            }
        )

    def open(self, openers: pl.DataFrame) -> None:
        p = self.model.settings
        luck = self.model.random.normal(0.0, p.appeal_sigma, len(openers))
        offer = pl.Series(luck) + p.appeal_knowledge * (col("knowledge") - 0.5)
        opened = openers.select(
            "unique_id",
            orders_per_day=p.typical_orders_per_day * offer.exp(),
            month_orders=pl.lit(0, pl.Int64),
            months_below=pl.lit(0, pl.Int64),
        )
        self.agents = pl.concat([self.agents, opened])

    def close(self) -> int:
        """Let shops close after bad months; return how many."""
        before = len(self)
        patience = self.model.settings.close_patience_months
        self.agents = self.agents.filter(col("months_below") < patience).with_columns(
            month_orders=pl.lit(0, pl.Int64)
        )
        return before - len(self)

    def step(self) -> None:
        """Take the day's orders."""
        orders = pl.Series(self.model.random.poisson(self.agents["orders_per_day"].to_numpy()))
        self.agents = self.agents.with_columns(month_orders=col("month_orders") + orders)
        self.model.day_orders.append(int(orders.sum()))

    def close_month(self) -> tuple[pl.DataFrame, dict[str, float]]:
        """Settle the month's accounts; return each owner's profit, and what was paid."""
        p = self.model.settings
        orders = int(self.agents["month_orders"].sum())
        profits = self.agents.select(
            "unique_id", profit=p.margin_yuan * col("month_orders") - p.fixed_cost_yuan_per_month
        )
        is_bad = profits["profit"] < p.closing_line_yuan
        self.agents = self.agents.with_columns(
            months_below=pl.when(is_bad).then(col("months_below") + 1).otherwise(0)
        )
        return profits, {
            "shops": len(self),
            "orders": orders,
            "sales_yuan": p.price_yuan * orders,
            "fees_yuan": p.fee_share * p.price_yuan * orders,
            "goods_yuan": p.unit_cost_yuan * orders,
            "parcels_yuan": p.parcel_yuan * orders,
            "fixed_yuan": p.fixed_cost_yuan_per_month * len(self),
        }


class CoreModel(ModelDF):
    """Villages of households; `step` is a day."""

    def __init__(self, households: int, seed: int, months: int, settings: Settings) -> None:
        super().__init__(seed)
        self.settings = settings
        self.months = months
        self.month, self.day_of_month = 0, 0
        self.anyone_sells = False
        self.accounts: dict[str, float] = {}
        self.record: list[list[float]] = []
        self.day_orders: list[int] = []
        self.households = Households(self, households)
        self.shops = Shops(self)
        self.agents += [self.households, self.shops]
        # The registry of sets takes copies.
        self.households = self.get_agents_of_type(Households)
        self.shops = self.get_agents_of_type(Shops)

    @property
    def is_last_year(self) -> bool:
        return self.month >= self.months - ACCOUNTING_YEAR

    def step(self) -> None:
        """Run a day, with the first and the last one's decisions and accounts of a month."""
        if self.day_of_month == 0:
            self.start_month()
        self.shops.step()
        self.day_of_month += 1
        if self.day_of_month == MONTH_DAYS[self.month]:
            self.close_month()

    def start_month(self) -> None:
        self.accounts = {"closed": self.shops.close()}
        openers = self.households.openers()
        self.shops.open(openers)
        self.households.pay_setup(openers["unique_id"])
        self.accounts["opened"] = len(openers)
        self.accounts["setup_yuan"] = self.settings.setup_cost_yuan * len(openers)

    def close_month(self) -> None:
        profits, accounts = self.shops.close_month()
        wages, spent, cash = self.households.close_month(profits)
        self.accounts |= accounts
        self.accounts |= {"wages_yuan": wages, "consumption_yuan": spent, "cash_yuan": cash}
        self.record.append([self.accounts[field] for field in MONTH_FIELDS])
        self.anyone_sells = len(self.shops) > 0
        self.month, self.day_of_month = self.month + 1, 0


def run(
    households: int,
    seed: int,
    months: int = len(MONTH_DAYS),
    settings: Settings | None = None,
) -> Outcome:
    """Run the core."""
    model = CoreModel(households, seed, months, settings or Settings())
    first_cash = float(model.households.agents["cash_yuan"].sum())
    for _ in range(sum(MONTH_DAYS[:months])):
        model.step()
    everyone = model.households.agents
    return Outcome(
        np.array(model.record, float),
        np.array(model.day_orders, float),
        everyone["income_year_yuan"].to_numpy(),
        everyone["cash_yuan"].to_numpy(),
        model.shops.agents["month_orders"].to_numpy().astype(float),
        first_cash,
    )
