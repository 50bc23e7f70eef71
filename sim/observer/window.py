"""Sales of the trailing days of every village, kept exactly and in few bytes.

A day that leaves the trailing days must be taken off again to the fen, so every day has to be
remembered; as whole numbers of eight bytes a year of the country would take 1.6 GB. Days are kept
in blocks instead: of each village the days with sales, in as many bytes as the largest of them
needs. A village that sells nothing in a block takes one byte.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.compiled import entry_kernel, kernel

VILLAGES_AT_ONCE: Final = 8192
"""Villages whose days are packed together."""
MOST_DAYS: Final = 31
"""Days of a block; which of them have sales is told in four bytes."""
_BITMAP_BYTES: Final = 4
_WIDEST: Final = 8


class Needed(NamedTuple):
    """What villages need to count by a rule, and how far they are, each (villages,)."""

    sales_fen: int
    is_strict: bool
    stores: NDArray[np.float64]
    holds: NDArray[np.bool_]
    """Whether the rule holds on the last day seen."""
    crossed: NDArray[np.int32]
    """First day on which it held; -1: not yet."""


class Seen(NamedTuple):
    """What is known of villages and changes day by day, each (villages,)."""

    trailing_fen: NDArray[np.int64]
    stores: NDArray[np.float64]
    first_store: NDArray[np.int32]


class _Block(NamedTuple):
    """Some days of some villages, packed."""

    first_day: int
    days: int
    widths: NDArray[np.uint8]
    """Bytes of each day with sales, by village; 0: none has any."""
    packed: NDArray[np.uint8]
    """Of each village with sales: which days have any, then their sales [fen], in order."""


@kernel
def _fen(yuan: float) -> Any:
    return np.int64(np.rint(yuan * 100.0))


@kernel
def _read(packed: Any, start: int, width: Any) -> Any:
    value = np.int64(0)
    for place in range(width):
        value |= np.int64(packed[start + place]) << (8 * place)
    return value


@kernel
def _write(packed: Any, start: int, width: int, value: int) -> None:
    for place in range(width):
        packed[start + place] = (value >> (8 * place)) & 255


@kernel
def _read_sum(packed: Any, start: int, width: Any, count: Any) -> Any:
    value = np.int64(0)
    for place in range(width):
        total = np.int64(0)
        for number in range(count):
            total += np.int64(packed[start + number * width + place])
        value += total << (8 * place)
    return value


@kernel
def _ones(bits: Any) -> Any:
    count = np.int64(0)
    while bits:
        bits &= bits - 1
        count += 1
    return count


@kernel
def _hold(day: int, trailing_fen: int, stores: float, needed: Any, v: int) -> None:
    if needed.is_strict:
        holds = trailing_fen > needed.sales_fen and stores > needed.stores[v]
    else:
        holds = trailing_fen >= needed.sales_fen and stores >= needed.stores[v]
    needed.holds[v] = holds
    if holds and needed.crossed[v] < 0:
        needed.crossed[v] = day


@entry_kernel
def _walk(days: Any, first_day: int, leaving: Any, skipped: int, rules: Any, seen: Any) -> None:
    """Let villages see some days, while those of a block leave the trailing days.

    Reads sales [yuan] and active stores of the days, (villages, days); the first `skipped` days of
    the block `leaving` have left before. Writes `seen` and what the two rules say.
    """
    sales, active = days
    own, other = rules
    trailing, stores, first_store = seen
    _, _, widths, packed = leaving
    length = sales.shape[1]
    at = 0
    for v in range(sales.shape[0]):
        width: Any = np.int64(widths[v])
        bits: Any = np.int64(0)
        end = at
        if width > 0:
            bits = _read(packed, at, _BITMAP_BYTES)
            at += _BITMAP_BYTES
            end = at + width * _ones(bits)
            at += width * _ones(bits & ((1 << skipped) - 1))
            bits >>= skipped
        most = trailing[v]
        for d in range(length):
            most += _fen(sales[v, d])
        if first_store[v] < 0:
            for d in range(length):
                if active[v, d] > 0:
                    first_store[v] = first_day + d
                    break
        stores[v] = active[v, length - 1]
        if most < min(own.sales_fen, other.sales_fen):  # no day can be enough
            left = _ones(bits & ((1 << length) - 1))
            trailing[v] = most - _read_sum(packed, at, width, left)
            own.holds[v] = False
            other.holds[v] = False
        else:
            for d in range(length):
                if bits & 1:
                    trailing[v] -= _read(packed, at, width)
                    at += width
                bits >>= 1
                trailing[v] += _fen(sales[v, d])
                _hold(first_day + d, trailing[v], active[v, d], own, v)
                _hold(first_day + d, trailing[v], active[v, d], other, v)
        at = end


@entry_kernel
def _pack(sales: Any, widths: Any, packed: Any) -> int:
    """Pack the days of villages, sales (villages, days) [yuan]; return the bytes used."""
    at = 0
    for v in range(sales.shape[0]):
        bits, highest = 0, 0
        for d in range(sales.shape[1]):
            fen = _fen(sales[v, d])
            if fen > 0:
                bits |= 1 << d
                highest = max(highest, fen)
        width = 0
        while highest > 0:
            width += 1
            highest >>= 8
        widths[v] = width
        if width > 0:
            _write(packed, at, _BITMAP_BYTES, bits)
            at += _BITMAP_BYTES
            for d in range(sales.shape[1]):
                if (bits >> d) & 1:
                    _write(packed, at, width, _fen(sales[v, d]))
                    at += width
    return at


class TrailingDays:
    """Remembers the trailing days of villages and lets rules see each new one.

    Parameters
    ----------
    days : int
        Days over which sales are counted.
    seen : Seen
        Arrays to keep up to date.
    rules : tuple of Needed
        The two rules, with arrays to keep up to date.
    """

    def __init__(self, days: int, seen: Seen, rules: tuple[Needed, Needed]) -> None:
        self._days, self._seen, self._rules = days, seen, rules
        villages = seen.trailing_fen.size
        self._starts = range(0, villages, VILLAGES_AT_ONCE)
        self._blocks: list[deque[_Block]] = [deque() for _ in self._starts]
        self.longest = min(days, MOST_DAYS)
        """Days that can be seen at once: none of them may leave before the others come."""
        most = min(villages, VILLAGES_AT_ONCE) * (_BITMAP_BYTES + self.longest * _WIDEST)
        self._room = np.empty(most, np.uint8)

    def see(
        self, first_day: int, sales_yuan: NDArray[np.float64], active: NDArray[np.float64]
    ) -> None:
        """See at most `longest` days from `first_day` on, each array (villages, days)."""
        for start, blocks in zip(self._starts, self._blocks, strict=True):
            rows = slice(start, start + VILLAGES_AT_ONCE)
            self._see(first_day, rows, blocks, (sales_yuan[rows], active[rows]))

    @property
    def nbytes(self) -> int:
        """Bytes that the days take."""
        blocks = [block for blocks in self._blocks for block in blocks]
        return self._room.nbytes + sum(b.widths.nbytes + b.packed.nbytes for b in blocks)

    def _see(
        self, first_day: int, rows: slice, blocks: deque[_Block], days: tuple[Any, Any]
    ) -> None:
        seen = Seen(
            self._seen.trailing_fen[rows], self._seen.stores[rows], self._seen.first_store[rows]
        )
        rules = tuple(
            Needed(r.sales_fen, r.is_strict, r.stores[rows], r.holds[rows], r.crossed[rows])
            for r in self._rules
        )
        sales, active = days
        length = sales.shape[1]
        for place, end, block in self._leaving(first_day, length, sales.shape[0], blocks):
            _walk(
                (
                    np.ascontiguousarray(sales[:, place:end]),
                    np.ascontiguousarray(active[:, place:end]),
                ),
                first_day + place,
                block,
                max(0, first_day + place - self._days - block.first_day),
                rules,
                seen,
            )
        widths = np.empty(sales.shape[0], np.uint8)
        used = _pack(np.ascontiguousarray(sales), widths, self._room)
        blocks.append(_Block(first_day, length, widths, self._room[:used].copy()))
        oldest = first_day + length - self._days
        while blocks[0].first_day + blocks[0].days <= oldest:
            blocks.popleft()

    def _leaving(
        self, first_day: int, length: int, villages: int, blocks: deque[_Block]
    ) -> Iterator[tuple[int, int, _Block]]:
        """Cut new days so that during each part the days of one block leave.

        Gives the places of the first day of a part and of that after it, and the block.
        """
        place = 0
        first_left = first_day - self._days
        for block in blocks:
            if place == length:
                return
            before = min(block.first_day - first_left, length)
            if before > place:
                yield place, before, _nothing(villages)
                place = before
            end = min(block.first_day + block.days - first_left, length)
            if end > place:
                yield place, end, block
                place = end
        if place < length:
            yield place, length, _nothing(villages)


def _nothing(villages: int) -> _Block:
    """Return a block of days on which no village sold anything."""
    return _Block(0, 0, np.zeros(villages, np.uint8), np.empty(0, np.uint8))
