"""What one household more can reach, and from when on (ODD 3, 7.4, 7.9, 7.14).

Until the newcomer's first tie to others comes up, nothing of anybody else may differ to the last
bit. Ties come up

- with its own shop, which competes and is seen by others; for a room, with the day it is taken;
- of a local household, in the month after its town has its first shop: it is then among the peers
  that others of its village count, and among the hands that shops of the town may hire;
- of a producer, besides, with the first shop of an operator, who weighs what is made in the
  village, and with the first day of fruit, whose price falls with supply.

From then on what is drawn for others, and depends on nothing else, must stay the same: traits,
training, the season, the luck of shops. Villages without ties to the newcomer's must stay the same
for good.
"""

from typing import Any, Final

import numpy as np

from sim.experiments.matching import Flags, Match, Selection, of_kinds
from sim.experiments.null_changes import Newcomer, tied_villages
from sim.world.columns import FARMER, INCOMER, MANUFACTURER, OPERATOR
from sim.world.records import Month

COST: Final = "levers.policy_cost_yuan"
"""A policy's cost is shared among villages by their households."""
LUCK: Final = frozenset(
    {
        "households.members",
        "households.age_years",
        "households.schooling_years",
        "households.technical_training",
        "households.worked_in_city",
        "households.internet_rank",
        "households.job_rank",
        "households.trained",
        "producers.skill",
        "villages.key",
        "villages.zone_key",
        "villages.season_year",
        "villages.first_ripe_day",
        "villages.ripe_days",
        "villages.yield_index",
        "shops.appeal",
        "shops.price_skill",
        "shops.caution",
    }
)
"""What is drawn and depends on nobody else."""
DECIDED: Final = frozenset(
    {
        "households.present",
        "households.last_opening_day",
        "households.shops_ever",
        "households.slot",
        "shops.slot",
        "shops.price_yuan",
        "shops.channels",
        "shops.staff",
        "shops.window_open_day",
        *(name for name in LUCK if name.startswith("shops.")),
    }
)
"""What is decided on the first of a month, before anybody trades."""
OF_ITS_VILLAGE: Final = frozenset(
    {
        "villages.kind_count",
        "villages.orchard_mu",
        "villages.choice_weight",
        "villages.labour_pool",
        "records.month",
        "records.season_day",
    }
)
"""Sums of the newcomer's village in which it is counted."""


def everything(match: Match, *left_out: str) -> Selection:
    """Choose all rows of all columns but some."""

    def chosen(table: str, column: str) -> Flags | None:
        if f"{table}.{column}" in left_out:
            return None
        return np.ones(_rows(match, table), np.bool_)

    return chosen


class Reach:
    """Follows what a newcomer can reach.

    Parameters
    ----------
    match : Match
        The worlds without and with it.
    newcomer : Newcomer
        The household that theirs has and ours has not.
    """

    def __init__(self, match: Match, newcomer: Newcomer) -> None:
        self._match = match
        self._newcomer = newcomer
        paths = list(match.ours.register.paths())
        tied = tied_villages(match.ours.scenario, newcomer.village)
        self._tied: Flags = np.array([path in tied for path in paths])
        self._village = paths.index(newcomer.village)
        town = match.ours.register.town
        self._town: Flags = town == town[self._village]
        self._their_village = int(match.villages[self._village])
        self.since: int | None = None
        """First day on which it may have reached others; None before."""
        self.is_decided_alike = False
        """Whether others have still decided without it on that day."""

    def before_decisions(self, day: int) -> None:
        """Look at the world on the eve of a month's first day."""
        is_seen = self._newcomer.kind != INCOMER
        if is_seen and self._has_shops():
            self._open(day)

    def after_decisions(self, day: int) -> None:
        """Look at the world after a month's first day."""
        newcomer, theirs = self._newcomer, self._match.theirs.state
        row = self._own_row()
        trades = theirs.households["last_opening_day"][row] == day
        settles = newcomer.kind == INCOMER and theirs.households["present"][row]
        if self.since is None and (trades or settles or self._operator_chose(day)):
            self._open(day)
            self.is_decided_alike = True

    def after_days(self, day: int) -> None:
        """Look at the world after further days of the month that began on a day."""
        if self._newcomer.kind == FARMER and self._has_fruit():
            self._open(day)

    @property
    def decisions(self) -> Selection:
        """What must be the same after the decisions of the day on which reach begins."""
        kinds = (
            (FARMER, MANUFACTURER) if self._weighs() else (FARMER, MANUFACTURER, OPERATOR, INCOMER)
        )
        households = of_kinds(self._match, *kinds)

        def chosen(table: str, column: str) -> Flags | None:
            name = f"{table}.{column}"
            if name not in DECIDED and name != "shops.open":
                return None
            return households if table in ("households", "shops") else None

        return chosen

    @property
    def now(self) -> Selection:
        """What must be the same now."""
        reached = self._tied if self.since is not None else np.zeros_like(self._tied)
        own = np.zeros_like(reached)
        own[self._village] = True
        local = self._match.kind != INCOMER

        def chosen(table: str, column: str) -> Flags | None:
            name = f"{table}.{column}"
            if name == COST:
                return None
            if name in LUCK:
                # Incomers are trained only while they are there.
                is_theirs = name == "households.trained" and self.since is not None
                return local if is_theirs else np.ones(_rows(self._match, table), np.bool_)
            excused = reached | own if name in OF_ITS_VILLAGE else reached
            return _of_villages(self._match, table, ~excused)

        return chosen

    def _open(self, day: int) -> None:
        if self.since is None:
            self.since = day

    def _own_row(self) -> int:
        villages = self._match.theirs.state.villages[self._their_village]
        before = villages["kind_count"][: self._newcomer.kind].sum()
        return int(villages["first_household"] + before + self._newcomer.number)

    def _has_shops(self) -> bool:
        ours, theirs = self._match.ours.state.villages, self._match.theirs.state.villages
        of_town = self._match.villages[self._town]
        return bool(ours["slot_shops"][self._town].any() or theirs["slot_shops"][of_town].any())

    def _weighs(self) -> bool:
        """Whether the newcomer changes what operators think of goods."""
        counts = self._match.ours.state.villages["kind_count"][self._village]
        is_producer = self._newcomer.kind in (FARMER, MANUFACTURER)
        return is_producer and counts[FARMER] > 0 and counts[MANUFACTURER] > 0

    def _operator_chose(self, day: int) -> bool:
        """Whether an operator has chosen a good, which a producer more makes likelier."""
        if not self._weighs():
            return False
        match = self._match
        ours = match.ours.state.households["last_opening_day"] == day
        theirs = match.theirs.state.households["last_opening_day"][match.households] == day
        operates = (match.kind >= OPERATOR) & (match.village == self._village)
        return bool(((ours | theirs) & operates).any())

    def _has_fruit(self) -> bool:
        fields: Any = self._match.theirs.state.month[self._their_village]
        return bool(fields[Month.RIPE_KG] > 0.0)


def _rows(match: Match, table: str) -> int:
    if table == "producers":
        return match.producers.size
    return match.kind.size if table in ("households", "shops") else match.villages.size


def _of_villages(match: Match, table: str, villages: Flags) -> Flags:
    """Return which rows of a table lie in some villages; of shops, which owners."""
    if table == "producers":
        kept: Flags = villages[match.village[match.producer_household]]
        return kept
    rows: Flags = villages[match.village] if table in ("households", "shops") else villages
    return rows
