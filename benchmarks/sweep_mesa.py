"""A Mesa model that does nothing but work for a time."""

import mesa

from benchmarks.sweep_rivals import work


class Worker(mesa.Model):
    def __init__(self, duration_s: float, rng: int | None = None) -> None:
        super().__init__(rng=rng)
        self.duration_s = duration_s
        self.number = 0.0
        self.datacollector = mesa.DataCollector({"number": "number"})

    def step(self) -> None:
        self.number = work(self.duration_s)
        self.datacollector.collect(self)
        self.running = False
