"""The model written again in plain Mesa, from its description alone."""

from benchmarks.plain_mesa.model import PlainVillageModel

__all__ = ["PlainVillageModel"]
