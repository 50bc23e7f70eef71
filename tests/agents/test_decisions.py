"""Decisions taken in Python: whom they are asked of, what they change, what they may return."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.agents import Farmer, Household, Manufacturer, Shop, StoreOperator
from sim.agents.household import DECISIONS
from sim.errors import ExtensionError
from sim.model import CommerceModel
from sim.rules.channels import ChannelOutlook
from sim.rules.closing import ClosingOutlook
from sim.rules.labour import HiringOutlook
from sim.rules.opening import OpeningOutlook
from sim.rules.pricing import PriceOutlook

BEFORE, MORNING = "2015-08-31", "2015-09-01"
KINDS = {"farmer": Farmer, "manufacturer": Manufacturer, "store_operator": StoreOperator}


def overriding(base: type[Household], **decisions: Callable[..., Any]) -> type[Household]:
    """A subclass that takes some decisions by its own functions."""
    return type("Stubborn", (base,), decisions)


def state_of(model: CommerceModel) -> dict[str, np.ndarray]:
    """Every column of every table, open shops only."""
    state = model.simulation.state
    tables = {name: getattr(state, name) for name in ("households", "producers", "villages")}
    tables["shops"] = state.shops[state.villages["first_shop"][0] :][
        : state.villages["open_shops"][0]
    ]
    return {f"{t}.{c}": rows[c] for t, rows in tables.items() for c in rows.dtype.names}


def different(a: CommerceModel, b: CommerceModel) -> list[str]:
    one, two = state_of(a), state_of(b)
    return [name for name in one if one[name].tobytes() != two[name].tobytes()]


def decided(model: CommerceModel) -> dict[tuple[int, int], tuple[float, int, int]]:
    """Price, platforms and staff of every shop, by its owner's row and its ordinal."""
    shops = state_of(model)
    keys = zip(shops["shops.owner"].tolist(), shops["shops.ordinal"].tolist(), strict=True)
    names = ("shops.price_yuan", "shops.channels", "shops.staff")
    return dict(zip(keys, zip(*(shops[name].tolist() for name in names), strict=True), strict=True))


def openings(model: CommerceModel) -> list[int]:
    """Shops that each household has opened so far."""
    return state_of(model)["households.shops_ever"].tolist()


def seller_of(model: CommerceModel) -> Household:
    """A household with a shop that is on no platform but the first."""
    return next(
        a for a in model.agents
        if isinstance(a, StoreOperator) and a.stores and all(s.channels == 1 for s in a.stores)
    )  # fmt: skip


def morning_with(make_model: Any, **decisions: Callable[..., Any]) -> tuple[CommerceModel, int]:
    """The model after a first of September on which one seller decided its own way; its row."""
    model = make_model(BEFORE)
    seller = seller_of(model)
    model.convert([seller], overriding(StoreOperator, **decisions))
    model.step()
    return model, seller.row


# --- one agent decides otherwise


def test_wants_to_open_opens_a_shop_of_this_agent_alone(make_model: Any) -> None:
    before, base, model = make_model(BEFORE), make_model(MORNING), make_model(BEFORE)
    content = np.subtract(openings(base), openings(before)) == 0
    seller = next(a for a in model.agents if a.stores and content[a.row] and a.kind == 2)
    model.convert([seller], overriding(StoreOperator, wants_to_open=lambda self, outlook: True))
    model.step()

    more = np.subtract(openings(model), openings(base))
    assert more[seller.row] == 1
    assert np.count_nonzero(more) == 1


def test_wants_to_open_keeps_this_agent_alone_from_opening(make_model: Any) -> None:
    """All operators that opened a shop this morning refuse, one after the other."""
    before, base = make_model(BEFORE), make_model(MORNING)
    new = np.flatnonzero(np.subtract(openings(base), openings(before)) > 0)
    new = [row for row in new.tolist() if base.agents.to_list()[row].kind == 2]
    assert new
    for row in new:
        model = make_model(BEFORE)
        refusing = overriding(StoreOperator, wants_to_open=lambda self, outlook: False)
        model.convert([model.agents.to_list()[row]], refusing)
        model.step()
        fewer = np.subtract(openings(base), openings(model))
        assert (fewer[row], np.count_nonzero(fewer)) == (1, 1)


def test_wants_to_close_closes_the_shops_of_this_agent_alone(make_model: Any) -> None:
    base, before = make_model(MORNING), make_model(BEFORE)
    model, row = morning_with(
        make_model,
        wants_to_close=lambda self, shop, outlook: True,
        wants_to_open=lambda self, outlook: False,
    )

    gone = decided(before).keys() - decided(model).keys()
    assert {key for key in gone if key[0] == row} == {k for k in decided(before) if k[0] == row}
    assert gone - (decided(before).keys() - decided(base).keys()) == {
        key for key in decided(base) if key[0] == row and key in decided(before)
    }


@pytest.mark.parametrize(
    ("name", "answer", "place", "value"),
    [
        ("choose_price", lambda self, shop, outlook: 432.1, 0, 432.1),
        ("choose_channels", lambda self, shop, outlooks: [1], 1, 0b11),
        ("hire", lambda self, shop, outlook: 9, 2, 9),
    ],
)
def test_a_decision_about_shops_changes_those_of_this_agent_alone(
    make_model: Any, name: str, answer: Callable[..., Any], place: int, value: float
) -> None:
    base = make_model(MORNING)
    model, row = morning_with(make_model, **{name: answer})
    usual, now = decided(base), decided(model)

    assert now.keys() == usual.keys()
    assert {now[key][place] for key in now if key[0] == row} == {value}
    changed = [key for key in now if now[key] != usual[key]]
    assert {owner for owner, _ in changed} == {row}


def test_a_platform_that_is_joined_is_paid_its_deposit(make_model: Any) -> None:
    base = make_model(MORNING)
    model, row = morning_with(make_model, choose_channels=lambda self, shop, outlooks: [1])
    added = sum(
        (now[1] & 2) - (decided(base)[key][1] & 2)
        for key, now in decided(model).items()
        if key[0] == row
    )

    paid = [sum(m.simulation.state.month[:, 26]) for m in (base, model)]
    assert paid[1] - paid[0] == pytest.approx(added / 2 * 300.0)


# --- a class decides otherwise


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_that_never_opens_has_no_shops_while_others_do(make_model: Any, kind: str) -> None:
    never = overriding(KINDS[kind], wants_to_open=lambda self, outlook: False)
    model = make_model("2015-10-31", **{kind: never})
    selling = {type(a) for a in model.agents if a.shops_ever > 0 and a.kind != 3}

    assert selling == set(KINDS.values()) - {KINDS[kind]}


def test_only_the_class_that_overrides_is_asked(make_model: Any) -> None:
    asked = set()

    def hire(self: Household, shop: Shop, outlook: HiringOutlook) -> int:
        asked.add(type(self))
        return Household.hire(self, shop, outlook)

    asking = overriding(Manufacturer, hire=hire)
    model = make_model("2015-12-31", manufacturer=asking)

    assert asked == {asking}
    assert set(model.agents_by_type) == {Farmer, asking, StoreOperator}


@pytest.mark.parametrize("name", DECISIONS)
def test_asking_a_decision_in_python_and_answering_as_usual_changes_no_bit(
    make_model: Any, finished: CommerceModel, name: str
) -> None:
    usual = getattr(Household, name)
    asked = []

    def answer(self: Household, *arguments: Any) -> Any:
        asked.append(self.row)
        return usual(self, *arguments)

    classes = {kind: overriding(cls, **{name: answer}) for kind, cls in KINDS.items()}
    model = make_model("2015-12-31", **classes)

    assert len(set(asked)) > 10
    assert different(model, finished) == []


def test_taking_every_decision_in_python_changes_no_bit(
    make_model: Any, finished: CommerceModel
) -> None:
    model = make_model("2015-12-31", decide_in_python=True)

    assert different(model, finished) == []
    assert model.events == finished.events
    for name, table in model.tables.items():
        for column, values in table.items():
            assert values.tobytes() == finished.tables[name][column].tobytes()


# --- what is handed over


def test_each_decision_is_asked_with_its_outlook_on_the_first_of_a_month(make_model: Any) -> None:
    outlooks = {
        "wants_to_open": OpeningOutlook, "wants_to_close": ClosingOutlook,
        "choose_price": PriceOutlook, "choose_channels": ChannelOutlook, "hire": HiringOutlook,
    }  # fmt: skip
    seen = {name: [] for name in outlooks}

    def noting(name: str) -> Callable[..., Any]:
        def answer(self: Household, *arguments: Any) -> Any:
            seen[name].append((self, self.model.date, arguments))
            return getattr(Household, name)(self, *arguments)

        return answer

    operator = overriding(StoreOperator, **{name: noting(name) for name in outlooks})
    make_model("2015-12-31", store_operator=operator)

    for name, calls in seen.items():
        assert {day.day for _, day, _ in calls} == {1}
        for agent, _, arguments in calls:
            *shops, outlook = arguments
            assert [shop.owner for shop in shops] == ([agent] if name != "wants_to_open" else [])
            each = outlook if name == "choose_channels" else [outlook]
            assert {type(one) for one in each} == {outlooks[name]}


def test_channels_are_offered_that_the_shop_does_not_use(make_model: Any) -> None:
    offered = []

    def choose_channels(self: Household, shop: Shop, outlooks: list[ChannelOutlook]) -> list[int]:
        offered.append((shop.channels, [outlook.platform for outlook in outlooks]))
        return []

    make_model("2015-06-30", store_operator=overriding(StoreOperator, **vars_of(choose_channels)))

    assert offered
    assert all(
        platforms == [k for k in range(4) if not bits & 1 << k] for bits, platforms in offered
    )


def vars_of(function: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    return {function.__name__: function}


def test_who_has_no_internet_yet_is_not_asked_to_open(make_model: Any) -> None:
    asked = set()

    def wants_to_open(self: Household, outlook: OpeningOutlook) -> bool:
        asked.add(self.row)
        return False

    without = {"villages.Reed.internet_ratio": 0}
    for changes in (without, {}):
        asked.clear()
        classes = {k: overriding(cls, **vars_of(wants_to_open)) for k, cls in KINDS.items()}
        make_model("2015-03-31", **classes, **changes)
        assert bool(asked) == (changes == {})


# --- what may not be returned


@pytest.mark.parametrize(
    ("name", "given", "allowed"),
    [
        ("wants_to_open", None, "True or False"),
        ("wants_to_open", 1, "True or False"),
        ("wants_to_open", "yes", "True or False"),
        ("wants_to_close", None, "True or False"),
        ("wants_to_close", 0.0, "True or False"),
        ("choose_price", None, "a price above 0 [yuan]"),
        ("choose_price", 0.0, "a price above 0 [yuan]"),
        ("choose_price", -5.0, "a price above 0 [yuan]"),
        ("choose_price", float("nan"), "a price above 0 [yuan]"),
        ("choose_price", float("inf"), "a price above 0 [yuan]"),
        ("choose_price", True, "a price above 0 [yuan]"),
        ("choose_price", "90", "a price above 0 [yuan]"),
        ("choose_channels", None, "a list of platforms out of"),
        ("choose_channels", 1, "a list of platforms out of"),
        ("choose_channels", [0], "a list of platforms out of"),
        ("choose_channels", [7], "a list of platforms out of"),
        ("choose_channels", ["jd"], "a list of platforms out of"),
        ("choose_channels", "jd", "a list of platforms out of"),
        ("choose_channels", [[1]], "a list of platforms out of"),
        ("hire", None, "a whole number from 0 to 1,000,000"),
        ("hire", -1, "a whole number from 0 to 1,000,000"),
        ("hire", 2.0, "a whole number from 0 to 1,000,000"),
        ("hire", True, "a whole number from 0 to 1,000,000"),
        ("hire", 10**12, "a whole number from 0 to 1,000,000"),
    ],
)
def test_a_wrong_answer_names_class_decision_agent_value_and_what_is_allowed(
    make_model: Any, name: str, given: object, allowed: str
) -> None:
    model = make_model(BEFORE)
    seller = seller_of(model)
    wrong = overriding(StoreOperator, **{name: lambda self, *arguments: given})
    model.convert([seller], wrong)

    told = f"Stubborn.{name} of <Stubborn {seller.number} of Reed> returned {given!r}; allowed: "
    with pytest.raises(ExtensionError, match=re.escape(told + allowed)):
        model.step()


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("wants_to_open", np.True_),
        ("wants_to_close", np.False_),
        ("choose_price", 90),
        ("choose_price", np.float32(90.5)),
        ("choose_channels", ()),
        ("choose_channels", {1}),
        ("choose_channels", np.array([1])),
        ("hire", np.int64(2)),
    ],
)
def test_numbers_and_collections_of_other_types_will_do(
    make_model: Any, name: str, given: object
) -> None:
    model, row = morning_with(make_model, **{name: lambda self, *arguments: given})

    assert row in {key[0] for key in decided(model)}


def test_an_error_in_a_decision_is_the_users_own(make_model: Any) -> None:
    def hire(self: Household, shop: Shop, outlook: HiringOutlook) -> int:
        return 1 // 0

    model = make_model(BEFORE, store_operator=overriding(StoreOperator, hire=lambda s, h, o: 0))
    model.convert([seller_of(model)], overriding(type(seller_of(model)), hire=hire))
    with pytest.raises(ZeroDivisionError):
        model.step()


# --- convert


def test_convert_returns_the_new_agents_in_the_places_of_the_old(make_model: Any) -> None:
    model = make_model()
    old = model.agents_by_type[StoreOperator].select(at_most=3)
    rows = old.get("row")
    patient = overriding(StoreOperator)
    new = model.convert(old, patient)

    assert new.get("row") == rows
    assert set(model.agents_by_type[patient]) == set(new)
    assert len(model.agents_by_type[StoreOperator]) == 19
    assert len(model.agents) == 36
    assert [a.row for a in model.villages[0].store_operators] == list(range(14, 36))


def test_convert_to_a_class_that_decides_as_usual_changes_no_bit(
    make_model: Any, finished: CommerceModel
) -> None:
    model = make_model("2015-05-10")
    model.convert(model.agents_by_type[StoreOperator].copy(), overriding(StoreOperator))
    model.run()

    assert different(model, finished) == []


def test_convert_holds_from_the_next_first_of_a_month_on(make_model: Any) -> None:
    days = []

    def hire(self: Household, shop: Shop, outlook: HiringOutlook) -> int:
        days.append(self.model.date.isoformat())
        return 0

    model = make_model("2015-09-15")
    model.convert([seller_of(model)], overriding(StoreOperator, hire=hire))
    model.run_until("2015-11-20")

    assert sorted(set(days)) == ["2015-10-01", "2015-11-01"]


def test_a_converted_agent_may_be_converted_further(make_model: Any) -> None:
    model = make_model()
    first = overriding(StoreOperator)
    second = overriding(first)
    (once,) = model.convert([next(iter(model.agents_by_type[StoreOperator]))], first)
    (twice,) = model.convert([once], second)

    assert (type(twice), twice.row) == (second, once.row)
    assert len(model.agents) == 36


@pytest.mark.parametrize("cls", [Farmer, Household, int])
def test_convert_refuses_a_class_that_is_not_a_subclass(make_model: Any, cls: type) -> None:
    model = make_model()
    operator = next(iter(model.agents_by_type[StoreOperator]))

    message = f"cannot become {cls.__name__}: a subclass of StoreOperator is needed"
    with pytest.raises(ExtensionError, match=message):
        model.convert([operator], cls)
    assert len(model.agents_by_type[StoreOperator]) == 22


def test_convert_refuses_agents_that_are_no_longer_or_never_were_in_the_model(
    make_model: Any,
) -> None:
    model, other = make_model(), make_model()
    patient = overriding(StoreOperator)
    old = next(iter(model.agents_by_type[StoreOperator]))
    model.convert([old], patient)
    stranger = next(iter(other.agents_by_type[StoreOperator]))

    for agent in (old, stranger, model.villages[0]):
        with pytest.raises(ExtensionError, match="is not a household of this model now"):
            model.convert([agent], patient)
