"""The core measured beside its peers: its books, its luck, how outcomes are compared."""

import numpy as np
import pytest

from benchmarks.peers import __main__ as peers
from benchmarks.peers import in_mesa, ours
from benchmarks.peers.agreement import compared
from benchmarks.peers.outcome import MONTH_FIELDS, PAID_IN, PAID_OUT, Outcome, statistics
from benchmarks.peers.settings import MONTH_DAYS, Settings

HOUSEHOLDS = 2500
SEED = 3
SEEDS = 30


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    """Two years of three villages, of which the last is half as large."""
    return ours.run(HOUSEHOLDS, SEED)


def sums(outcome: Outcome, fields: tuple[str, ...]) -> np.ndarray:
    return np.sum([outcome.month(field) for field in fields], axis=0)


def several(first_seed: int, settings: Settings) -> list[dict[str, float]]:
    seeds = range(first_seed, first_seed + SEEDS)
    return [statistics(ours.run(1000, seed, settings=settings)) for seed in seeds]


def test_any_number_of_threads_gives_the_same_bits(outcome: Outcome) -> None:
    for threads in (2, 3):
        other = ours.run(HOUSEHOLDS, SEED, threads=threads)
        for name, one, same in zip(Outcome._fields, outcome, other, strict=True):
            assert np.array_equal(one, same), f"{name} with {threads} threads"


def test_villages_do_not_touch_each_other(outcome: Outcome) -> None:
    alone = ours.run(1000, SEED)

    assert np.array_equal(alone.income_yuan, outcome.income_yuan[:1000])
    assert np.array_equal(alone.cash_yuan, outcome.cash_yuan[:1000])


def test_another_seed_is_another_world(outcome: Outcome) -> None:
    other = ours.run(HOUSEHOLDS, SEED + 1)

    assert not np.array_equal(other.months, outcome.months)


def test_cash_changes_by_what_is_paid_in_and_out_every_month(outcome: Outcome) -> None:
    cash = outcome.month("cash_yuan")
    changes = np.diff(cash, prepend=outcome.first_cash_yuan)

    assert changes == pytest.approx(sums(outcome, PAID_IN) - sums(outcome, PAID_OUT), abs=1e-4)
    assert cash[-1] == pytest.approx(outcome.cash_yuan.sum(), rel=1e-12)


def test_no_account_is_empty(outcome: Outcome) -> None:
    for field in MONTH_FIELDS:
        assert outcome.month(field).sum() > 0.0, field


def test_shops_open_are_those_opened_and_not_closed(outcome: Outcome) -> None:
    changes = np.diff(outcome.month("shops"), prepend=0.0)

    assert np.array_equal(changes, outcome.month("opened") - outcome.month("closed"))
    assert outcome.shop_orders.size == outcome.month("shops")[-1]


def test_orders_of_days_are_those_of_months(outcome: Outcome) -> None:
    months = np.split(outcome.day_orders, np.cumsum(MONTH_DAYS)[:-1])

    assert np.array_equal([days.sum() for days in months], outcome.month("orders"))
    assert outcome.shop_orders.sum() == outcome.month("orders")[-1]


def test_a_shop_without_buyers_closes_after_three_bad_months() -> None:
    nobody_buys = ours.run(HOUSEHOLDS, SEED, settings=Settings(typical_orders_per_day=0.0))
    opened, closed = nobody_buys.month("opened"), nobody_buys.month("closed")

    assert opened.min() > 0.0
    assert np.array_equal(closed[3:], opened[:-3])
    assert closed[:3].sum() == 0.0


def test_households_imitate_peers(outcome: Outcome) -> None:
    deaf = ours.run(HOUSEHOLDS, SEED, settings=Settings(open_imitation=0.0))

    assert deaf.month("opened").sum() < 0.8 * outcome.month("opened").sum()


def test_households_learn_profits_from_peers(outcome: Outcome) -> None:
    blind = ours.run(HOUSEHOLDS, SEED, settings=Settings(learning_peer=0.0))

    assert not np.array_equal(blind.months, outcome.months)


def test_plain_mesa_keeps_its_books_too() -> None:
    outcome = in_mesa.run(1000, SEED)

    assert outcome.months.shape == (len(MONTH_DAYS), len(MONTH_FIELDS))
    assert outcome.month("orders").sum() > 0.0
    assert outcome.lost_yuan() == pytest.approx(0.0, abs=1e-4)


def test_the_same_core_with_other_seeds_agrees() -> None:
    settings = Settings()
    comparisons = compared(several(100, settings), {"the same": several(900, settings)})
    differing = [each.statistic for each in comparisons if each.p_value * each.comparisons < 0.01]

    assert differing == []


@pytest.mark.parametrize(
    ("changed", "statistic"),
    [
        (Settings(close_patience_months=2), "shops closed"),
        (Settings(open_imitation=5.0), "shops open after 24 months"),
        (Settings(appeal_sigma=1.1), "orders of a shop, 90% quantile"),
        (Settings(consumption_share=0.69), "cash, 50% quantile"),
    ],
)
def test_another_core_does_not_agree(changed: Settings, statistic: str) -> None:
    comparisons = compared(several(100, Settings()), {"another": several(900, changed)})
    agrees = {each.statistic: each.agrees for each in comparisons}

    assert not agrees[statistic]


def test_unlike_outcomes_get_no_ratios(
    monkeypatch: pytest.MonkeyPatch, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    def asked(contestant, job):
        assert "seeds" in job, "measured in spite of other outcomes"
        shift = 100.0 if contestant.name == "Starsim" else 0.0
        return {"statistics": [{"orders": 1000.0 + seed % 7 + shift} for seed in job["seeds"]]}

    monkeypatch.setattr(peers, "asked", asked)
    monkeypatch.setattr(peers, "PEERS_PYTHON", tmp_path)
    with pytest.raises(SystemExit, match="No ratios: the outcomes of Starsim are not"):
        peers.main(["--seeds", "30", "--out", str(tmp_path / "peers.csv")])

    assert "NO" in capsys.readouterr().out
    assert not (tmp_path / "peers.csv").exists()


def test_ratios_are_those_of_the_best_runs(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    seconds = {"this project": 1.0, "plain Mesa": 50.0}
    rounds: dict[str, int] = {}

    def asked(contestant, job):
        if "seeds" in job:
            return {"statistics": [{"orders": 1000.0 + seed % 7} for seed in job["seeds"]]}
        rounds[contestant.name] = rounds.get(contestant.name, 0) + 1
        took = seconds.get(contestant.name, 10.0) * rounds[contestant.name]
        return {"wall_s": took, "processor_s": took, "peak_mb": 200.0, "before_mb": 100.0,
                "versions": {"Python": "3"}}  # fmt: skip

    monkeypatch.setattr(peers, "asked", asked)
    monkeypatch.setattr(peers, "PEERS_PYTHON", tmp_path)
    out = tmp_path / "peers.csv"
    peers.main(["--seeds", "30", "--households", "1000", "--rounds", "3", "--out", str(out)])
    lines = out.read_text(encoding="utf-8").splitlines()

    assert "1000,plain Mesa,50,50,200,100,50,50,1" in lines
    assert set(rounds.values()) == {3}
