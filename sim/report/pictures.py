"""Figures as addresses that hold all of a picture."""

import io
import warnings
from base64 import b64encode
from pathlib import Path
from typing import Any, Final

from matplotlib import rc_context

_MOST_SVG_BYTES: Final = 600_000
"""Larger drawings, with a point for each of many shops, are smaller as a grid of pixels."""
_DOTS_PER_INCH: Final = 200
_NO_DATE: Final = {"Date": None, "Creator": None}
_PLACES_DECIMALS: Final = 6
"""Digits of the place of axes, as a share of the figure."""
_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png"}


def address_of(figure: Any) -> str:
    """Return a figure as an address: a drawing, or pixels where that is smaller.

    The same figure gives the same address.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure.
    """
    with warnings.catch_warnings(), rc_context({"svg.hashsalt": "villagesim"}):
        warnings.filterwarnings("ignore", "Glyph .* missing")  # the figure says so itself
        _settle(figure)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="svg", metadata=_NO_DATE)
        if drawn.tell() <= _MOST_SVG_BYTES:
            return _address(drawn.getvalue(), _TYPES[".svg"])
        pixels = io.BytesIO()
        figure.savefig(pixels, format="png", dpi=_DOTS_PER_INCH, metadata={"Software": None})
    return _address(pixels.getvalue(), _TYPES[".png"])


def _settle(figure: Any) -> None:
    """Lay a figure out, and keep of the place of its axes what can be seen.

    The last bits of a layout are not the same each time, and names inside a drawing depend on them.
    """
    figure.savefig(io.BytesIO(), format="svg", metadata=_NO_DATE)  # letters as wide as in it
    figure.set_layout_engine("none")
    for axes in figure.axes:
        bounds = axes.get_position(original=True).bounds
        axes.set_position([round(bound, _PLACES_DECIMALS) for bound in bounds], which="original")


def address_of_file(path: Path) -> str:
    """Return a PNG or SVG file as an address."""
    return _address(path.read_bytes(), _TYPES[path.suffix])


def _address(content: bytes, media_type: str) -> str:
    return f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
