"""The command line, ``villagesim``."""

from sim.cli.app import app

__all__ = ["app"]
