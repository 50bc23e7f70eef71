"""What a researcher does with the model.

Single runs are here; sweeps in `sim.experiments.sweep`, validation in `sim.experiments.validate`.
"""

from sim.experiments.run import RunOptions, RunResult, run

__all__ = ["RunOptions", "RunResult", "run"]
