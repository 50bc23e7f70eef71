"""Experiments that take no time: what a sweep does with runs, without a village."""

import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.design import Design, design_of_numbers
from sim.experiments.executors import Experiment
from sim.experiments.variant import FunctionExperiment

OUTCOMES = ("sum", "product")


def sum_and_product(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    x, y = values["x"], values["y"]
    return {"sum": x + y + seed / 7, "product": x * y}


def fails_at_odd_x(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    if values["x"] % 2 == 1:
        raise ValueError(f"x is {values['x']:g},\nand odd; seed {seed}")
    return sum_and_product(values, seed)


def kills_its_process_at_3(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    if values["x"] == 3:
        os._exit(1)
    return sum_and_product(values, seed)


def kills_every_process(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    os._exit(1)


def never_ends_from_20_on(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    if values["x"] >= 20:
        threading.Event().wait()
    return sum_and_product(values, seed)


def lacks_an_outcome(values: Mapping[str, Any], seed: int) -> dict[str, float]:
    return {"sum": 1.0}


def toy(function: Any = sum_and_product) -> Experiment:
    return FunctionExperiment(function, OUTCOMES)


def points(count: int) -> Design:
    """Points with x from 0 on and y falling."""
    return design_of_numbers({"x": range(count), "y": [count - i / 3 for i in range(count)]})


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included, with what is in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(files)}


def shards(folder: Path) -> Sequence[Path]:
    return sorted((folder / "runs").glob("batch-*.parquet"))
