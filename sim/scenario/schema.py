"""What a scenario file says: a place, its people, its dates and its policies."""

from collections import Counter
from datetime import date
from math import prod
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sim.scenario.fields import (
    Count,
    Entry,
    Many,
    Name,
    RunDay,
    Share,
    Text,
    Year,
    Yuan,
    listed,
    refusal,
)
from sim.scenario.policy import Policy, Target, is_named
from sim.scenario.region import Region
from sim.scenario.vocabulary import (
    PlatformName,
    Table,
    behaviour_overrides,
    crop,
    fee_share,
    geography_overrides,
    goods_overrides,
    platform_overrides,
    product,
)

MOST_PEOPLE_PER_HOUSEHOLD = 6
"""Households have one to six members in the model."""

Producers = Annotated[int, Field(ge=1, le=1_000_000)]


class Position(Entry):
    """Where a village lies on a map."""

    x_km: float
    """Kilometres east of an origin of your choice."""
    y_km: float
    """Kilometres north of it."""


class Farmers(Entry):
    """The households of a village that grow its crop."""

    households: Producers
    """Number of households that grow the crop."""
    crop: Annotated[str, AfterValidator(crop)]
    """The perishable good they grow, from sim/data/goods.toml."""
    orchard_mu_mean: Annotated[float, Field(gt=0, le=10_000)]
    """Mean area of a household's orchard [mu; 15 mu are a hectare]."""


class Manufacturers(Entry):
    """The households of a village that make its product."""

    households: Producers
    """Number of households that make the product."""
    product: Annotated[str, AfterValidator(product)]
    """The durable good they make, from sim/data/goods.toml."""
    capacity_pieces_per_month_mean: Annotated[float, Field(gt=0, le=10_000_000)]
    """Mean capacity of a maker at the start [pieces per month]."""


class VillageSpec(Entry):
    """One village, or `count` villages alike."""

    name: Name
    """Name of the village, unique in its town."""
    province: Name
    """Province, for example "Zhejiang"."""
    prefecture: Name
    """Prefecture-level city, for example "Ningbo"."""
    county: Name
    """County or county-level city: villages of a county share the weather and compete."""
    town: Name
    """Town: what pays in a village is heard of in its town first."""
    count: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    """Number of villages alike; from 2 on they are called "Name 1", "Name 2" and so on, and each
    has the numbers given here."""
    people: Annotated[int, Field(ge=1, le=1_000_000)]
    """People living in the village."""
    households: Annotated[int, Field(ge=1, le=1_000_000)]
    """Households of the village; those that neither farm nor make are local operators."""
    income_index: Annotated[float, Field(gt=0, le=10)] = 1.0
    """Rural income per head, as a multiple of Zhejiang's of the same year."""
    internet_ratio: Annotated[float, Field(ge=0, le=10)] = 1.0
    """Share of households with internet at home, as a multiple of rural China's."""
    trade_tradition: Annotated[float, Field(ge=-10, le=10)] = 0.0
    """Log-odds by which a tradition of trade favours opening a shop, relative to Cangtian."""
    broadband_year: Year
    """Year on whose 1 January broadband reached the village; a year after the end: never."""
    rooms_per_household: Annotated[float, Field(ge=0, le=10)] = 0.1
    """Rooms that outside operators may take, for each household."""
    distance_to_city_km: Annotated[float, Field(ge=0, le=5000)] | None = None
    """Distance to the nearest city [km]; for tables and maps, no mechanism uses it."""
    position: Position | None = None
    """Place on a map; what towns hear of each other falls with the distance between them."""
    farmers: Farmers | None = None
    """The households that grow the crop; the village has no crop if not given."""
    manufacturers: Manufacturers | None = None
    """The households that make the product; the village has no product if not given."""
    within_reach: Annotated[
        tuple[Annotated[str, AfterValidator(product)], ...], Many, Field(max_length=2)
    ] = ()
    """Up to two further durable goods that operators can source from outside."""

    @property
    def operators(self) -> int:
        """Households without production of their own."""
        producers = sum(group.households for group in (self.farmers, self.manufacturers) if group)
        return self.households - producers

    @property
    def zone_path(self) -> str:
        """Path province/prefecture/county, which names the weather zone."""
        return f"{self.province}/{self.prefecture}/{self.county}"

    @property
    def path(self) -> str:
        """Path province/prefecture/county/town/name, which names the village's luck."""
        return f"{self.zone_path}/{self.town}/{self.name}"

    @property
    def paths(self) -> tuple[str, ...]:
        """Paths of the villages that the entry stands for."""
        if self.count == 1:
            return (self.path,)
        return tuple(f"{self.path} {number}" for number in range(1, self.count + 1))

    def expanded(self) -> list["VillageSpec"]:
        """Return the villages that the entry stands for, each with count 1."""
        if self.count == 1:
            return [self]
        names = (f"{self.name} {number}" for number in range(1, self.count + 1))
        return [self.model_copy(update={"name": name, "count": 1}) for name in names]

    @model_validator(mode="after")
    def _household_size(self) -> Self:
        most = self.households * MOST_PEOPLE_PER_HOUSEHOLD
        if not self.households <= self.people <= most:
            raise refusal(
                "people",
                given=self.people,
                allowed=f"one to {MOST_PEOPLE_PER_HOUSEHOLD} people a household, that is "
                f"{self.households} to {most}",
            )
        return self

    @model_validator(mode="after")
    def _producers_are_households(self) -> Self:
        if self.operators < 0:
            producers = self.households - self.operators
            raise refusal(
                "households",
                given=self.households,
                allowed=f"at least {producers}, the number of farmers and manufacturers together",
            )
        return self

    @model_validator(mode="after")
    def _goods_differ(self) -> Self:
        made = (self.manufacturers.product,) if self.manufacturers else ()
        goods = (*made, *self.within_reach)
        twice = [good for good, times in Counter(goods).items() if times > 1]
        if twice:
            raise refusal(
                "within_reach",
                given=list(self.within_reach),
                allowed=f"goods that differ from each other and from the product; {twice[0]} is "
                "there twice",
            )
        return self


class ObserverRule(Entry):
    """When a village counts as an e-commerce village."""

    rule: Literal["strict", "published"] = "strict"
    """"strict": sales > 10 million yuan and more than 100 active stores; "published": sales of at
    least 10 million yuan, and at least 100 active stores or 10 % of the households."""
    listing_date: Annotated[str, Field(pattern=r"^\d\d-\d\d$")] = "06-30"
    """Month and day of the yearly listing, for example "06-30"."""
    trailing_days: Annotated[int, Field(ge=1, le=3660)] = 365
    """Days over which sales are counted, today included."""
    active_within_days: Annotated[int, Field(ge=1, le=3660)] = 365
    """A store is active if it had an order within so many days."""
    sales_threshold_yuan: Yuan | None = None
    """Sales threshold [yuan in the trailing days] instead of the rule's."""
    stores_threshold: Count | None = None
    """Threshold of active stores instead of the rule's."""
    household_share: Share | None = None
    """Threshold of active stores as a share of households (0-1) instead of the published rule's;
    the strict rule has none."""

    @field_validator("listing_date")
    @classmethod
    def _day_of_every_year(cls, given: str) -> str:
        month, day = int(given[:2]), int(given[3:])
        # 29 February is not there every year.
        days = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
        if not (1 <= month <= 12 and 1 <= day <= days[month - 1]):
            raise refusal(given=given, allowed='month and day of every year, such as "06-30"')
        return given

    @model_validator(mode="after")
    def _share_needs_published_rule(self) -> Self:
        if self.rule == "strict" and self.household_share is not None:
            allowed = 'a share of households only together with rule = "published"'
            raise refusal("household_share", given=self.household_share, allowed=allowed)
        return self


class Scenario(Entry):
    """One study: a place, its people, its dates and its policies."""

    name: Name
    """Short name, by default that of the file."""
    title: Text = ""
    """Title for tables and reports."""
    question: Text = ""
    """What a researcher asks with this scenario."""
    start: RunDay
    """First day of the simulation, the first of a month, from 2009-01-01 on."""
    end: RunDay
    """Last day of the simulation, up to 2022-12-31."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 69
    """Seed of all random draws."""
    platforms: Annotated[tuple[PlatformName, ...], Many] = (
        "taobao",
        "jd",
        "alibaba_com",
        "amazon",
    )
    """Platforms that exist in this world; none means that nothing is sold online."""
    observer: ObserverRule = ObserverRule()
    """Rule and thresholds by which the observer lists villages."""
    villages: Annotated[tuple[VillageSpec, ...], Many] = ()
    """The villages that are described one by one."""
    region: Region | None = None
    """Part of the map that is filled with synthetic villages besides."""
    policies: Annotated[tuple[Policy, ...], Many] = ()
    """The policies."""
    geography: Annotated[dict[str, float], AfterValidator(geography_overrides)] = Field({})
    """Parameters of synthetic villages that differ from sim/data/geography.toml."""
    behaviour: Annotated[dict[str, float], AfterValidator(behaviour_overrides)] = Field({})
    """Behavioural parameters that differ from sim/data/behaviour.toml; for experiments."""
    goods: Annotated[Table, AfterValidator(goods_overrides)] = Field({})
    """Fields of goods that differ from sim/data/goods.toml; for experiments."""
    platform_terms: Annotated[Table, AfterValidator(platform_overrides)] = Field({})
    """Terms of platforms that differ from sim/data/platforms.toml; for experiments."""

    def expanded_villages(self) -> list[VillageSpec]:
        """Return every single village, those made by `count` one by one."""
        return [village for entry in self.villages for village in entry.expanded()]

    @field_validator("start")
    @classmethod
    def _starts_with_a_month(cls, given: date) -> date:
        # Decisions are taken on the first of a month: without it, days would have no month.
        if given.day != 1:
            raise refusal(given=given, allowed="the first of a month")
        return given

    @model_validator(mode="after")
    def _end_after_start(self) -> Self:
        if self.end < self.start:
            raise refusal("end", given=self.end, allowed=f"a date from the start on, {self.start}")
        return self

    @field_validator("platforms")
    @classmethod
    def _platforms_once(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(given)) < len(given):
            raise refusal(given=list(given), allowed="each platform once")
        return given

    @model_validator(mode="after")
    def _has_villages(self) -> Self:
        if not self.villages and self.region is None:
            raise refusal("villages", allowed="at least one [[villages]], or a [region]")
        return self

    @model_validator(mode="after")
    def _villages_once(self) -> Self:
        paths = Counter(path for village in self.villages for path in village.paths)
        for path, times in paths.items():
            if times > 1:
                allowed = f"names that are unique in their town; {path} is there {times} times"
                raise refusal("villages", given=path.rpartition("/")[2], allowed=allowed)
        return self

    @model_validator(mode="after")
    def _policies_once(self) -> Self:
        for name, times in Counter(policy.name for policy in self.policies).items():
            if times > 1:
                allowed = f"names that are unique; this one is there {times} times"
                raise refusal("policies", given=name, allowed=allowed)
        return self

    @model_validator(mode="after")
    def _policies_start_before_end(self) -> Self:
        for policy in self.policies:
            for measure in policy.measures():
                if measure.start > self.end:
                    key = ("policies", policy.name, *filter(None, [measure.part]), "start")
                    allowed = f"a date up to the end of the scenario, {self.end}"
                    raise refusal(*key, given=measure.start, allowed=allowed)
        return self

    @model_validator(mode="after")
    def _policies_have_villages(self) -> Self:
        for policy in self.policies:
            for kind in ("villages", "towns", "counties"):
                self._check_target(policy.name, policy.target, kind)
        return self

    @model_validator(mode="after")
    def _fees_below_price(self) -> Self:
        """Refuse commissions that would leave nothing of a price."""
        rises = [policy for policy in self.policies if policy.kind == "commission"]
        multiple = prod(max(policy.multiple, 1.0) for policy in rises)
        place = ("policies", rises[0].name, "multiple") if rises else ("platform_terms",)
        for platform in self.platforms:
            fee = fee_share(platform, self.platform_terms) * multiple
            if fee >= 1:
                given = rises[0].multiple if rises else self.platform_terms
                allowed = f"commission and advertising below the price; on {platform} {fee:.0%}"
                raise refusal(*place, given=given, allowed=allowed)
        return self

    def _check_target(self, policy: str, target: Target, kind: str) -> None:
        """Refuse a name of a target that means no village; those of synthetic villages pass."""
        if self.region is not None and self.region.file is not None:
            return  # what is there, the file says; it is checked when it is read
        region = () if self.region is None else self.region.county_paths()
        for name in getattr(target, kind):
            if region and (kind != "counties" or any(is_named(path, name) for path in region)):
                continue
            only = Target.model_validate({kind: (name,)})
            if not any(only.reaches(path) for village in self.villages for path in village.paths):
                places = {getattr(village, _PLACE[kind]) for village in self.villages}
                places |= {path.rpartition("/")[2] for path in region}
                raise refusal(
                    "policies",
                    policy,
                    "target",
                    kind,
                    given=name,
                    allowed=f"{kind} of the scenario: {listed(sorted(places))}",
                    names=places,
                )


_PLACE = {"villages": "name", "towns": "town", "counties": "county"}
