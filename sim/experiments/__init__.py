"""What a researcher does with the model: single runs so far."""

from sim.experiments.run import RunOptions, RunResult, run

__all__ = ["RunOptions", "RunResult", "run"]
