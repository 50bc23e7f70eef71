"""Policies as data: what is done where, from when to when, how strongly and at what cost.

Each kind of policy is one entry type, told apart by `kind`. `measures` takes a policy apart into
what the engine needs: dated changes of levers.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from sim.scenario.fields import Day, Entry, Many, Multiple, Name, Share, Year, Yuan, refusal
from sim.world.calendar import day_of

SERVICES = ("storage", "product_supply", "training", "logistics")
"""The four services that a service platform may offer; each is a lever of the same name."""


class Measure(NamedTuple):
    """A part of a policy that starts, ends and costs by itself."""

    policy: str
    """Name of the policy."""
    part: str
    """Name of the service; empty if the measure is the whole policy."""
    start: date
    """First date on which it is in force."""
    end: date | None
    """First date on which it is in force no more."""
    yearly_cost_yuan: float
    levers: Mapping[str, float]
    """Value of each lever that it changes."""


class Target(Entry):
    """Which villages a policy reaches: those named, or all; of these, a random share if wished."""

    villages: Annotated[tuple[str, ...], Many] = ()
    """Villages by name, or by the end of their path such as "Changhe/Cangtian"."""
    towns: Annotated[tuple[str, ...], Many] = ()
    """Towns by name, or by the end of their path: all their villages."""
    counties: Annotated[tuple[str, ...], Many] = ()
    """Counties by name, or by the end of their path: all their villages."""
    share: Share = 1.0
    """Chance of each of these villages to be chosen (0-1). The draw depends on the village and the
    seed alone, so that a larger share contains a smaller one."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] | None = None
    """Seed of the random choice; the scenario's seed if not given."""

    def reaches(self, path: str) -> bool:
        """Whether the village at a path province/prefecture/county/town/village is meant.

        A village made by `count`, such as "Henghe 3", is meant by "Henghe" too.
        """
        if not (self.villages or self.towns or self.counties):
            return True
        return self.reaches_town(path.rpartition("/")[0]) or any(
            is_named(path, name) or is_named(_without_number(path), name) for name in self.villages
        )

    def reaches_town(self, path: str) -> bool:
        """Whether the town at a path, or its county, is named: all its villages are meant."""
        county = path.rpartition("/")[0]
        return any(is_named(path, name) for name in self.towns) or any(
            is_named(county, name) for name in self.counties
        )


class PolicyBase(Entry):
    """What every policy states."""

    name: Name
    """Name of the policy, unique in the scenario."""
    target: Target = Target()
    """Which villages it reaches; all of them if not given."""
    yearly_cost_yuan: Yuan = 0.0
    """What it costs a year [yuan], all villages together."""

    def measures(self) -> tuple[Measure, ...]:
        """Take the policy apart into measures that start, end and cost by themselves."""
        raise NotImplementedError


class DatedPolicy(PolicyBase):
    """A policy that is in force from one date to another."""

    start: Day
    """First date on which it is in force. It acts from the next first of a month."""
    end: Day | None = None
    """First date on which it is in force no more; without it, it stays."""

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.end is not None and self.end <= self.start:
            raise refusal("end", given=self.end, allowed=f"a date after start, {self.start}")
        return self

    def levers(self) -> dict[str, float]:
        """Value of each lever that the policy changes."""
        raise NotImplementedError

    def measures(self) -> tuple[Measure, ...]:
        """Take the policy apart: it is one measure."""
        cost = self.yearly_cost_yuan
        return (Measure(self.name, "", self.start, self.end, cost, self.levers()),)


class YearPolicy(PolicyBase):
    """A policy whose only date is a year."""

    year: Year


class Service(Entry):
    """One service of a service platform."""

    start: Day | None = None
    """First date on which it is offered; that of the platform if not given."""
    end: Day | None = None
    """First date on which it is offered no more; that of the platform if not given."""
    intensity: Share = 1.0
    """How much of what the service can do is done (0-1); 0 changes nothing."""
    yearly_cost_yuan: Yuan = 0.0
    """What the service costs a year [yuan], besides the platform's own cost."""


class ServicePlatform(DatedPolicy):
    """A public service platform for online shops, with up to four services."""

    kind: Literal["service_platform"]
    storage: Service | None = None
    """Storage: shorter handling, room for more stock."""
    product_supply: Service | None = None
    """Product supply: goods in small lots, so that shops start with little capital."""
    training: Service | None = None
    """Training: knowledge of e-commerce."""
    logistics: Service | None = None
    """Logistics: cheaper and faster parcels."""

    @property
    def services(self) -> dict[str, Service]:
        """The services that are offered, by name."""
        offered = {name: getattr(self, name) for name in SERVICES}
        return {name: service for name, service in offered.items() if service is not None}

    @model_validator(mode="after")
    def _services_inside_platform(self) -> Self:
        if not self.services:
            raise refusal(allowed=f"a platform with at least one service: {', '.join(SERVICES)}")
        for name, service in self.services.items():
            start = service.start or self.start
            end = service.end or self.end
            if start < self.start:
                allowed = f"a date not before the platform's start, {self.start}"
                raise refusal(name, "start", given=start, allowed=allowed)
            if end is not None and end <= start:
                allowed = f"a date after the start of the service, {start}"
                raise refusal(name, "end", given=end, allowed=allowed)
            if self.end is not None and service.end is not None and service.end > self.end:
                allowed = f"a date not after the platform's end, {self.end}"
                raise refusal(name, "end", given=end, allowed=allowed)
        return self

    def levers(self) -> dict[str, float]:
        """Nothing: the services change the levers."""
        return {}

    def measures(self) -> tuple[Measure, ...]:
        """Take the platform apart into itself, which only costs, and its services."""
        services = (
            Measure(
                policy=self.name,
                part=name,
                start=service.start or self.start,
                end=service.end or self.end,
                yearly_cost_yuan=service.yearly_cost_yuan,
                levers={name: service.intensity},
            )
            for name, service in self.services.items()
        )
        return (*super().measures(), *services)


class Broadband(YearPolicy):
    """Broadband reaches the villages by a year, where it would have come later."""

    kind: Literal["broadband"]
    year: Year
    """Year on whose 1 January the villages have broadband; an earlier year of their own stays."""

    def measures(self) -> tuple[Measure, ...]:
        """Take the policy apart: it is one measure, without an end."""
        start = date(self.year, 1, 1)
        levers = {"broadband_day": float(day_of(start))}
        return (Measure(self.name, "", start, None, self.yearly_cost_yuan, levers),)


class Weather(YearPolicy):
    """A year of unusual weather: a counterfactual rather than a policy."""

    kind: Literal["weather"]
    year: Year
    """Year of the unusual weather."""
    yield_multiple: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Yield of the year as a multiple of what it would have been."""
    shift_days: Annotated[float, Field(ge=-60, le=60)] = 0.0
    """Days by which the fruit ripens later (below 0: earlier)."""

    def measures(self) -> tuple[Measure, ...]:
        """Take the policy apart: it is one measure, in force all year."""
        start, end = date(self.year, 1, 1), date(self.year + 1, 1, 1)
        levers = {"yield_multiple": self.yield_multiple, "season_shift_days": self.shift_days}
        return (Measure(self.name, "", start, end, self.yearly_cost_yuan, levers),)


class StartupSubsidy(DatedPolicy):
    """A subsidy for every shop that is opened."""

    kind: Literal["startup_subsidy"]
    yuan_per_shop: Yuan
    """Subsidy for a new shop [yuan], at most its set-up cost and deposit."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"subsidy_yuan": self.yuan_per_shop}


class StartupCredit(DatedPolicy):
    """Credit for households that open or run a shop."""

    kind: Literal["startup_credit"]
    yuan_per_household: Yuan
    """Credit line of a household [yuan]."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"credit_yuan": self.yuan_per_household}


class ColdChain(DatedPolicy):
    """Cold rooms and cold parcels for fruit."""

    kind: Literal["cold_chain"]
    intensity: Share = 1.0
    """Share of what a full cold chain adds to the shelf life (0-1)."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"cold_chain": self.intensity}


class Greenhouse(DatedPolicy):
    """A share of the orchards is put under cover and ripens earlier."""

    kind: Literal["greenhouse"]
    orchard_share: Share
    """Share of the orchards under cover (0-1)."""
    days_earlier: Annotated[int, Field(ge=0, le=60)]
    """Days by which fruit under cover ripens earlier."""

    def levers(self) -> dict[str, float]:
        """Value of each lever that the policy changes."""
        # Without an orchard under cover, its days must not count beside another greenhouse's.
        return {
            "greenhouse_share": self.orchard_share,
            "greenhouse_days_earlier": float(self.days_earlier) if self.orchard_share > 0 else 0.0,
        }


class CooperativeBrand(DatedPolicy):
    """A common brand that makes the shops of a village more attractive."""

    kind: Literal["cooperative_brand"]
    intensity: Share = 1.0
    """Strength of the brand (0-1)."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"brand": self.intensity}


class CrossBorderPilot(DatedPolicy):
    """Easier access to cross-border platforms."""

    kind: Literal["cross_border_pilot"]
    intensity: Share = 1.0
    """Share of the platforms' minimum sales that is waived (0-1)."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"cross_border_pilot": self.intensity}


class ParcelPrice(DatedPolicy):
    """Parcels become cheaper or dearer."""

    kind: Literal["parcel_price"]
    multiple: Multiple
    """Parcel price as a multiple of what it would have been."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"parcel_price_multiple": self.multiple}


class Commission(DatedPolicy):
    """Platforms take more or less."""

    kind: Literal["commission"]
    multiple: Annotated[float, Field(ge=0, le=5)]
    """Commission and advertising share as a multiple of what they would have been."""

    def levers(self) -> dict[str, float]:
        """Value of the lever that the policy changes."""
        return {"commission_multiple": self.multiple}


Policy = Annotated[
    ServicePlatform
    | Broadband
    | StartupSubsidy
    | StartupCredit
    | ColdChain
    | Greenhouse
    | CooperativeBrand
    | CrossBorderPilot
    | ParcelPrice
    | Commission
    | Weather,
    Field(discriminator="kind"),
]


def is_named(path: str, name: str) -> bool:
    """Whether a path is, or ends with, the name or path given."""
    return path == name or path.endswith(f"/{name}")


def _without_number(path: str) -> str:
    base, _, number = path.rpartition(" ")
    return base if number.isdecimal() else path
