"""Seeds that depend on nothing but what they are for, so that no order of runs matters."""

import hashlib
from typing import Final

SEED_BITS: Final = 53
"""Seeds of runs are below 2 to this power: JSON keeps them whole."""
_SEEDS: Final = float(1 << SEED_BITS)
_WORDS: Final = 8
_WORD_BYTES: Final = 4


def run_seed(seed: int, stage: str, number: int) -> int:
    """Return the seed of a run: of the calibration's seed, its stage and its number there."""
    return int.from_bytes(_digest(seed, stage, number, "run")[:8], "little") >> (64 - SEED_BITS)


def words(seed: int, stage: str, number: int) -> list[int]:
    """Return eight 32-bit words to seed a generator with."""
    digest = _digest(seed, stage, number, "proposal")
    return [
        int.from_bytes(digest[_WORD_BYTES * place : _WORD_BYTES * (place + 1)], "little")
        for place in range(_WORDS)
    ]


def uniform(seed: int, stage: str, number: int) -> float:
    """Return a number between 0 and 1."""
    return (run_seed(seed, stage, number) + 0.5) / _SEEDS


def _digest(seed: int, stage: str, number: int, purpose: str) -> bytes:
    return hashlib.sha256(f"{seed} {stage} {number} {purpose}".encode()).digest()
