"""Who is an e-commerce village, town or cluster, since when, and until when (ODD 7.15)."""

from sim.observer.events import Event
from sim.observer.lists import YearlyList
from sim.observer.observer import Observer
from sim.observer.rule import (
    CLUSTER_SIZES,
    FEN_PER_YUAN,
    VILLAGES_OF_A_TOWN,
    Rule,
    are_towns,
    cluster_ranks,
)
from sim.observer.town_years import DESIGNATED, TOWN_YEAR_FIELDS, TownYear

__all__ = [
    "CLUSTER_SIZES",
    "DESIGNATED",
    "FEN_PER_YUAN",
    "TOWN_YEAR_FIELDS",
    "VILLAGES_OF_A_TOWN",
    "Event",
    "Observer",
    "Rule",
    "TownYear",
    "YearlyList",
    "are_towns",
    "cluster_ranks",
]
