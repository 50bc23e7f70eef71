import math
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.chance import logistic
from sim.rules.opening import (
    OpeningOutlook,
    expected_profit_yuan_per_month,
    first_lot_yuan,
    forgone_yuan_per_month,
    head_utility,
    highest_expected_profit,
    highest_opening_utility,
    most_willing,
    need_yuan,
    opening_probability,
    product_weight,
    settling_probability,
    utility_needed,
    wants_to_open,
)
from sim.world.parameters import behaviour

b = behaviour(
    {
        "prior_profit_wages": 0.2,
        "learning_prior": 3.0,
        "learning_peer": 1.0,
        "learning_village": 3.0,
        "learning_village_shops": 30.0,
        "learning_own": 4.0,
        "learning_nearby": 1.0,
        "gain_limit": 3.0,
        "open_intercept": -8.0,
        "open_gain": 0.8,
        "open_imitation": 3.0,
        "open_knowledge": 2.0,
        "open_schooling": 0.2,
        "open_age": 0.4,
        "open_city": 0.3,
        "open_producer": 0.3,
        "open_away": 1.0,
        "open_span": 0.8,
        "open_entry_cost": 1.0,
        "settle_intercept": -7.0,
        "settle_gain": 1.0,
        "settle_services": 1.5,
        "settle_stores": 0.5,
        "choice_profit": 0.5,
        "choice_base": 1.0,
    }
)

outlook = OpeningOutlook(
    expected_profit_yuan_per_month=6000.0,
    forgone_yuan_per_month=3000.0,
    wage_yuan_per_month=3000.0,
    work_share=1.0,
    need_yuan=6000.0,
    means_yuan=10_000.0,
    selling_share=0.5,
    knowledge=0.5,
    schooling_years=12.0,
    age_years=40.0,
    worked_in_city=True,
    is_producer=True,
    away=False,
    tradition=0.0,
    shops=1,
    u=0.5,
)

profits = st.floats(-50_000.0, 500_000.0)
wages = st.floats(300.0, 10_000.0)
shares = st.floats(0.0, 1.0)
counts = st.floats(0.0, 2000.0)
uniforms = st.integers(0, 2**32 - 1).map(lambda word: (word + 0.5) * 2.0**-32)
outlooks = st.builds(
    OpeningOutlook,
    expected_profit_yuan_per_month=profits,
    forgone_yuan_per_month=st.floats(0.0, 20_000.0),
    wage_yuan_per_month=wages,
    work_share=st.floats(0.04, 1.0),
    need_yuan=st.floats(0.0, 200_000.0),
    means_yuan=st.floats(0.0, 500_000.0),
    selling_share=shares,
    knowledge=shares,
    schooling_years=st.sampled_from([0.0, 6.0, 9.0, 12.0, 15.0]),
    age_years=st.floats(22.0, 75.0),
    worked_in_city=st.booleans(),
    is_producer=st.booleans(),
    away=st.booleans(),
    shops=st.integers(0, 20),
    tradition=st.floats(-4.0, 2.0),
    u=shares,
)


NOTHING_SEEN = {
    "time_worth_yuan_per_month": 3000.0,
    "peers_selling": 0.0,
    "peers_profit_yuan": 0.0,
    "village_shops": 0.0,
    "village_profit_yuan": 0.0,
    "has_shop": False,
    "own_profit_yuan": math.nan,
    "nearby_weight": 0.0,
    "nearby_profit_yuan": 0.0,
}


def expected(**seen):
    return expected_profit_yuan_per_month(*(NOTHING_SEEN | seen).values(), b)


def test_expected_profit_is_the_weighted_mean_of_what_is_seen():
    # weights 3 (prior 600), 2 (peers), 1.5 (village), 4 (own), 0.5 (nearby)
    found = expected(
        peers_selling=2.0,
        peers_profit_yuan=10_000.0,
        village_shops=15.0,
        village_profit_yuan=4000.0,
        has_shop=True,
        own_profit_yuan=1000.0,
        nearby_weight=0.5,
        nearby_profit_yuan=2000.0,
    )

    assert found == pytest.approx(22_800.0 / 11.0)


def test_expected_profit_of_who_sees_nothing_is_the_sceptical_prior():
    assert expected(time_worth_yuan_per_month=3000.0) == pytest.approx(600.0)


def test_expected_profit_counts_ones_own_shop_even_if_it_earns_nothing():
    assert expected(has_shop=True, own_profit_yuan=0.0) == pytest.approx(1800.0 / 7.0)


def test_expected_profit_gives_the_village_no_more_weight_once_it_has_many_shops():
    thirty, many = (
        expected(village_shops=shops, village_profit_yuan=9000.0) for shops in (30.0, 300.0)
    )

    assert many == thirty


own_profits = st.one_of(
    st.fixed_dictionaries({"has_shop": st.just(True), "own_profit_yuan": profits}), st.just({})
)


@given(
    st.lists(st.floats(0.0, 1e5), max_size=8),
    st.fixed_dictionaries({"village_shops": counts, "village_profit_yuan": profits}),
    st.fixed_dictionaries({"nearby_weight": shares, "nearby_profit_yuan": profits}),
    own_profits,
)
def test_expected_profit_lies_among_the_profits_seen(peers, village, nearby, own):
    found = expected(
        peers_selling=float(len(peers)),
        peers_profit_yuan=float(sum(peers)),
        **village,
        **nearby,
        **own,
    )

    seen = [600.0, *peers, *([own["own_profit_yuan"]] if own else [])]
    seen += [village["village_profit_yuan"]] if village["village_shops"] > 0.0 else []
    seen += [nearby["nearby_profit_yuan"]] if nearby["nearby_weight"] > 0.0 else []
    slack = 1e-9 * max(map(abs, seen))
    assert min(seen) - slack <= found <= max(seen) + slack


@given(profits, profits, counts)
def test_expected_profit_never_falls_as_the_village_earns_more(profit, other, shops):
    low, high = (
        expected(village_shops=shops, village_profit_yuan=yuan) for yuan in sorted((profit, other))
    )

    assert low <= high


@given(st.integers(0, 7))
def test_expected_profit_rises_with_each_peer_who_earns_more_than_the_prior(peers):
    fewer, more = (
        expected(peers_selling=float(count), peers_profit_yuan=5000.0 * count)
        for count in (peers, peers + 1)
    )

    assert fewer < more


def test_forgone_wage_of_city_work_has_a_premium():
    assert forgone_yuan_per_month(3000.0, 0.1, True, 0.3) == pytest.approx(390.0)


def test_forgone_wage_at_home_is_the_working_time_times_the_wage():
    assert forgone_yuan_per_month(3000.0, 0.1, False, 0.3) == pytest.approx(300.0)


def test_a_shop_that_takes_no_time_costs_no_wage():
    assert forgone_yuan_per_month(3000.0, 0.0, True, 0.3) == 0.0


@given(wages, shares, shares, st.floats(0.0, 1.0))
def test_forgone_wage_never_falls_with_the_time_a_shop_takes(wage, share, other, premium):
    low, high = sorted((share, other))

    assert forgone_yuan_per_month(wage, low, True, premium) <= forgone_yuan_per_month(
        wage, high, True, premium
    )


def test_first_lot_costs_its_pieces_times_the_price():
    assert first_lot_yuan(20.0, 58.5) == pytest.approx(1170.0)


def test_need_is_setup_deposit_and_lot_less_the_subsidy():
    assert need_yuan(6000.0, 1000.0, 1170.0, 3000.0) == 5170.0


def test_a_subsidy_never_pays_for_the_first_lot():
    assert need_yuan(6000.0, 1000.0, 1170.0, 50_000.0) == 1170.0


money = st.floats(0.0, 100_000.0)


@given(money, money, money, money)
def test_need_is_never_negative(setup, deposit, lot, subsidy):
    assert need_yuan(setup, deposit, lot, subsidy) >= 0.0


@given(money, money, money, money, money)
def test_need_never_rises_with_the_subsidy(setup, deposit, lot, subsidy, other):
    low, high = sorted((subsidy, other))

    assert need_yuan(setup, deposit, lot, high) <= need_yuan(setup, deposit, lot, low)


def test_opening_probability_is_the_logit_of_gain_peers_traits_and_cost():
    # -8 + 0.8·1 + 3·0.5 + 2·0.5 + 0.2·1 - 0.4·1 + 0.3 + 0.3 - 0.8·1 - 6000/36000
    utility = -8.0 + 0.8 + 1.5 + 1.0 + 0.2 - 0.4 + 0.3 + 0.3 - 0.8 - 1.0 / 6.0

    assert opening_probability(outlook, b) == pytest.approx(1.0 / (1.0 + math.exp(-utility)))


def test_opening_probability_falls_by_the_weight_of_being_away():
    def log_odds(chance):
        return math.log(chance / (1.0 - chance))

    at_home = log_odds(opening_probability(outlook, b))
    away = log_odds(opening_probability(outlook._replace(away=True), b))

    assert at_home - away == pytest.approx(1.0)


@given(outlooks)
def test_opening_probability_is_between_0_and_1(o):
    assert 0.0 <= opening_probability(o, b) <= 1.0


@pytest.mark.parametrize(
    ("trait", "less", "more"),
    [
        ("expected_profit_yuan_per_month", 3000.0, 3300.0),
        ("selling_share", 0.0, 0.125),
        ("knowledge", 0.2, 0.3),
        ("schooling_years", 6.0, 9.0),
        ("worked_in_city", False, True),
        ("is_producer", False, True),
    ],
)
@given(o=outlooks)
def test_opening_probability_rises_with(o, trait, less, more):
    o = o._replace(forgone_yuan_per_month=3000.0, wage_yuan_per_month=3000.0)

    fewer = opening_probability(o._replace(**{trait: less}), b)
    assert opening_probability(o._replace(**{trait: more}), b) > fewer


@pytest.mark.parametrize(
    ("trait", "less", "more"),
    [
        ("forgone_yuan_per_month", 1000.0, 2000.0),
        ("need_yuan", 1000.0, 2000.0),
        ("age_years", 40.0, 41.0),
        ("away", False, True),
        ("shops", 0, 1),
    ],
)
@given(o=outlooks)
def test_opening_probability_falls_with(o, trait, less, more):
    o = o._replace(expected_profit_yuan_per_month=3000.0, wage_yuan_per_month=3000.0)

    fewer = opening_probability(o._replace(**{trait: less}), b)
    assert opening_probability(o._replace(**{trait: more}), b) < fewer


def test_heads_under_30_are_all_alike():
    assert opening_probability(outlook._replace(age_years=22.0), b) == opening_probability(
        outlook._replace(age_years=30.0), b
    )


def test_gains_beyond_the_limit_count_no_more():
    rich = outlook._replace(expected_profit_yuan_per_month=12_000.0)

    assert opening_probability(
        rich._replace(expected_profit_yuan_per_month=1e6), b
    ) == opening_probability(rich, b)


def test_losses_beyond_two_wages_count_no_more():
    poor = outlook._replace(expected_profit_yuan_per_month=-3000.0)

    assert opening_probability(
        poor._replace(expected_profit_yuan_per_month=-1e6), b
    ) == opening_probability(poor, b)


def test_a_household_without_the_means_never_opens_a_shop():
    assert not wants_to_open(outlook._replace(means_yuan=5999.99, u=1e-12), b)


def test_means_that_just_suffice_are_enough():
    assert wants_to_open(outlook._replace(means_yuan=6000.0, u=1e-12), b)


def test_a_household_opens_a_shop_below_its_probability_only():
    chance = opening_probability(outlook, b)
    draws = [math.nextafter(chance, 0.0), chance]

    assert [wants_to_open(outlook._replace(u=u), b) for u in draws] == [True, False]


def settling(profit=6000.0, wage=3000.0, services=0.5, shops=9.0):
    return settling_probability(profit, wage, services, shops, b)


def test_settling_probability_is_the_logit_of_gain_services_and_shops():
    utility = -7.0 + 1.0 * 1.0 + 1.5 * 0.5 + 0.5 * math.log(10.0)

    assert settling() == pytest.approx(1.0 / (1.0 + math.exp(-utility)))


@given(profits, wages, shares, counts)
def test_settling_probability_is_between_0_and_1(profit, wage, services, shops):
    assert 0.0 <= settling(profit, wage, services, shops) <= 1.0


@pytest.mark.parametrize(
    ("what", "less", "more"),
    [("profit", 3000.0, 3001.0), ("services", 0.0, 0.1), ("shops", 0.0, 1.0)],
)
def test_settling_probability_rises_with(what, less, more):
    assert settling(**{what: more}) > settling(**{what: less})


def test_settling_probability_falls_with_the_wage():
    assert settling(wage=4000.0) < settling(wage=3000.0)


def test_settlers_count_no_gain_beyond_the_limit():
    assert settling(profit=1e9) == settling(profit=12_000.0)


def test_settlers_count_no_loss_beyond_two_wages():
    assert settling(profit=-1e9) == settling(profit=-3000.0)


def test_product_weight_grows_with_profit_shops_and_supply():
    assert product_weight(3000.0, 3000.0, 4.0, 0.2, b) == pytest.approx(math.exp(0.5) * 4.2)


def test_a_good_that_nobody_sells_has_the_base_weight_of_its_supply():
    assert product_weight(0.0, 3000.0, 0.0, 0.2, b) == pytest.approx(0.2)


def test_a_good_that_nobody_makes_or_sells_has_no_weight():
    assert product_weight(9000.0, 3000.0, 0.0, 0.0, b) == 0.0


@given(profits, wages, counts, shares)
def test_product_weight_is_never_negative(profit, wage, shops, supply):
    assert product_weight(profit, wage, shops, supply, b) >= 0.0


@given(profits, profits, wages, counts)
def test_product_weight_never_falls_as_the_good_earns_more(profit, other, wage, shops):
    low, high = sorted((profit, other))

    assert product_weight(low, wage, shops, 1.0, b) <= product_weight(high, wage, shops, 1.0, b)


@given(profits, wages, counts, counts)
def test_product_weight_never_falls_with_the_shops_that_sell_it(profit, wage, shops, other):
    low, high = sorted((shops, other))

    assert product_weight(profit, wage, low, 1.0, b) <= product_weight(profit, wage, high, 1.0, b)


@given(profits, wages, counts, shares, shares)
def test_product_weight_never_falls_with_supply(profit, wage, shops, supply, other):
    low, high = sorted((supply, other))

    assert product_weight(profit, wage, shops, low, b) <= product_weight(
        profit, wage, shops, high, b
    )


def test_a_heads_traits_add_up_to_its_log_odds():
    # 2·0.5 + 0.2 - 0.4 + 0.3 + 0.3 - 0.8
    assert head_utility(outlook, b) == pytest.approx(0.6)


def test_work_in_a_city_lowers_the_log_odds_while_it_lasts():
    assert head_utility(outlook._replace(away=True), b) == pytest.approx(-0.4)


@given(uniforms)
def test_a_household_opens_if_its_log_odds_are_above_what_its_number_needs(u):
    assert logistic(utility_needed(u)) == pytest.approx(u)


@given(outlooks, st.floats(0.0, 1e5), st.floats(0.0, 1.0))
def test_no_household_opens_more_often_than_the_bound_says(o, more_profit, more_sellers):
    bound = highest_opening_utility(
        o,
        o.expected_profit_yuan_per_month + more_profit,
        o.forgone_yuan_per_month,
        min(1.0, o.selling_share + more_sellers),
        b,
    )

    assert opening_probability(o, b) <= logistic(bound)


@given(outlooks, st.booleans())
def test_no_head_favours_a_shop_more_than_the_most_willing(o, odd):
    signs = {"open_age": -0.2, "open_away": -0.8, "open_schooling": -0.2, "open_city": -0.3}
    its = b._replace(**signs, open_knowledge=-2.0) if odd else b

    most = most_willing(o.is_producer, o.wage_yuan_per_month, o.tradition, its)

    assert head_utility(o, its) <= head_utility(most, its) + 1e-9


def test_the_bound_is_what_opens_at_no_cost():
    free = outlook._replace(need_yuan=0.0)

    found = highest_opening_utility(
        free, free.expected_profit_yuan_per_month, free.forgone_yuan_per_month,
        free.selling_share, b,
    )  # fmt: skip

    assert logistic(found) == pytest.approx(opening_probability(free, b), rel=1e-5)


@given(
    peers=st.floats(0.0, 20.0),
    best=st.floats(-5000.0, 50_000.0),
    shops=st.floats(0.0, 100.0),
    profits=st.tuples(*[st.floats(-2000.0, 2000.0)] * 3),
    nearby_weight=st.floats(0.0, 1.0),
)
def test_no_household_expects_more_than_the_bound_says(peers, best, shops, profits, nearby_weight):
    time_worth, village_profit, nearby_profit = profits
    expected = expected_profit_yuan_per_month(
        time_worth, peers, peers * best, shops, village_profit, False, nan, nearby_weight,
        nearby_profit, b,
    )  # fmt: skip
    seen = max(b.prior_profit_wages * time_worth, village_profit, nearby_profit)

    assert expected <= highest_expected_profit(seen, peers, peers * best, b) + 1e-6


def test_nobody_is_ruled_out_where_entry_costs_attract():
    lured = b._replace(open_entry_cost=-1.0)

    assert highest_opening_utility(outlook, 0.0, 0.0, 0.0, lured) == inf
