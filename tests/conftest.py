"""A village of three dozen households in which much happens within a year."""

from pathlib import Path

import pytest

TINY = """\
title = "A tiny village"
start = 2015-01-01
end = 2015-12-31
seed = 7

[observer]
listing_date = "09-30"
sales_threshold_yuan = 5_000
stores_threshold = 3

[behaviour]
open_intercept = -2.5
open_producer = 2.0
settle_intercept = -2.0
setup_cost_yuan = 500.0
channel_rate = 0.8
orders_per_worker_day = 2.0
hire_reserve_months = 0.5
close_patience_months = 3.0
minimum_lot_pieces = 5.0
choice_base = 20.0
choice_outside = 1.0

[goods.sanitary_ware]
typical_sales_yuan_per_year = 300_000

[goods.small_appliances]
typical_sales_yuan_per_year = 300_000

[platform_terms.jd]
minimum_sales_yuan = 2000
deposit_yuan = 300

[[villages]]
name = "Reed"
province = "P"
prefecture = "Q"
county = "C"
town = "T"
people = 90
households = 30
internet_ratio = 2.5
broadband_year = 2005
rooms_per_household = 0.2
within_reach = ["small_appliances"]
farmers = { households = 8, crop = "bayberry", orchard_mu_mean = 4 }
manufacturers = { households = 6, product = "sanitary_ware", capacity_pieces_per_month_mean = 300 }
"""


@pytest.fixture(scope="session")
def tiny_text() -> str:
    """The scenario file of the tiny village."""
    return TINY


@pytest.fixture(scope="session")
def tiny_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario file of the tiny village, called tiny.toml."""
    path = tmp_path_factory.mktemp("scenario") / "tiny.toml"
    path.write_text(TINY, encoding="utf-8")
    return path
