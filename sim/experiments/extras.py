"""Libraries that only some users need, and what is told where one is missing."""

import importlib
from typing import Any

from sim.errors import RunError


def need(module: str, extra: str) -> Any:
    """Return a module that an extra of the package brings.

    Parameters
    ----------
    module : str
        Name of the module.
    extra : str
        The extra that brings it.

    Raises
    ------
    RunError
        If it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        package = module.partition(".")[0]
        if error.name is not None and error.name.partition(".")[0] != package:
            raise
        raise RunError(
            f"{package} is not installed; install it by: pip install 'villagesim[{extra}]'"
        ) from error
