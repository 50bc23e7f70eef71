"""Numbers that are given to an experiment, refused in one way before anything is run."""

from typing import Final

from sim.agents.checks import is_whole_number
from sim.errors import ScenarioError

MOST: Final = 100_000
_SEED_LIMIT: Final = 2**63


def check_whole(name: str, given: object, fewest: int, most: int = MOST) -> None:
    """Refuse what is not a whole number within bounds.

    Parameters
    ----------
    name : str
        What the number is called.
    given : object
        The number.
    fewest, most : int
        Its bounds; both are allowed.

    Raises
    ------
    ScenarioError
        If it is not allowed.
    """
    if not is_whole_number(given) or not fewest <= given <= most:
        raise ScenarioError(name, "", given, f"a whole number from {fewest} to {most:,}")


def check_first_seed(given: object, runs: int) -> None:
    """Refuse a seed that is not followed by as many others as there are runs.

    Parameters
    ----------
    given : object
        The seed of the first run.
    runs : int
        How many runs, each with the seed after that of the one before.

    Raises
    ------
    ScenarioError
        If it is not allowed.
    """
    if not is_whole_number(given) or not 0 <= given <= _SEED_LIMIT - runs:
        allowed = f"a whole number from 0 to 2**63 less the runs, {runs:,}"
        raise ScenarioError("seed", "", given, allowed)
