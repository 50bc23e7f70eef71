from pathlib import Path

from reading import line_of, panels_of, points_of

import sim
from sim.model import CommerceModel
from sim.plots import figures_of


def test_a_live_model_has_the_figures_of_a_run_folder(tiny_file: Path) -> None:
    model = CommerceModel(tiny_file, threads=1)
    model.run_until("2015-08-31")
    figures = figures_of(model)
    season = sim.tables_of(model)["seasons"]
    fruit = panels_of(figures["season_bayberry"])[0]

    assert list(figures) == ["growth", "season_bayberry", "incomes", "shop_sizes"]
    assert points_of(line_of(fruit, "picked"))[1] == season.sort("date")["picked_kg"].to_list()


def test_figures_of_is_a_public_name() -> None:
    assert sim.figures_of is figures_of
