"""Villages side by side: one compiled call for each block of villages, in threads.

Kernels release the interpreter's lock and villages do not touch each other's rows, so any number
of threads gives the same bits. Numba's own parallel loops are not used: they refuse tuples as long
as the behavioural parameters and lose writes made through named tuples.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

BLOCKS_PER_THREAD = 8
"""Blocks of villages handed out for each thread, so that none waits long for another."""


@cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="villages")


def default_threads() -> int:
    """Number of threads to use: the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def for_villages(kernel: Callable[..., None], villages: int, threads: int, *arguments: Any) -> None:
    """Call ``kernel(first, last, *arguments)`` for blocks that cover all villages."""
    threads = min(threads, villages)
    if threads <= 1:
        kernel(0, villages, *arguments)
        return
    size = max(1, villages // (threads * BLOCKS_PER_THREAD))
    starts = range(0, villages, size)
    calls = [
        _pool(threads).submit(kernel, first, min(first + size, villages), *arguments)
        for first in starts
    ]
    for call in calls:
        call.result()
