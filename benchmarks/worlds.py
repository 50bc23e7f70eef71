"""The scenarios that are measured."""

from typing import NamedTuple

from sim.scenario import Scenario, load_scenario, register_of

LAST_DAY = "2022-12-31"
"""The drivers end here; scenarios that start with 2009 then have 5,113 days."""


class World(NamedTuple):
    name: str
    """A scenario file, or the name of a scenario."""
    overrides: tuple[str, ...] = ()

    def load(self) -> Scenario:
        return load_scenario(self.name, self.overrides)

    @property
    def label(self) -> str:
        """What was run, as `villagesim run` takes it."""
        return " ".join([self.name, *(f"--set {text}" for text in self.overrides)])


VILLAGE = World("cangtian", (f"end={LAST_DAY}",))
MANY_VILLAGES = World("bayberry", (f"end={LAST_DAY}",))


def household_days(scenario: Scenario) -> int:
    households = int(register_of(scenario).households.sum())
    return households * ((scenario.end - scenario.start).days + 1)
