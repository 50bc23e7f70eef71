from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.model import CommerceModel

MakeModel = Callable[..., CommerceModel]


@pytest.fixture(scope="session")
def make_model(tiny_file: Path) -> MakeModel:
    """Make a model of the tiny village, run to the end of a date if one is given."""

    def make(until: str = "", **arguments: Any) -> CommerceModel:
        model = CommerceModel(tiny_file, threads=1, **arguments)
        if until:
            model.run_until(until)
        return model

    return make


@pytest.fixture(scope="session")
def finished(make_model: MakeModel) -> CommerceModel:
    """A model at its end, to look at and not to change."""
    return make_model("2015-12-31")
