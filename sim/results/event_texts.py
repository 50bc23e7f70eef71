"""What events say, in the language in use; tables hold it in English."""

from typing import Final

from sim.words import phrase, retold
from sim.world.place_names import called

EVENT_TEXTS: Final = (
    phrase("{place}: first order of a store"),
    phrase("{place}: both thresholds passed"),
    phrase("{place}: both thresholds reached"),
    phrase("{place}: on the list of {year}"),
    phrase("{place}: again on the list of {year}"),
    phrase("{place}: off the list of {year}"),
    phrase("{place}: an e-commerce town on the list of {year}"),
    phrase("{place}: a cluster of {number} or more villages on the list of {year}"),
    phrase("{policy}: {service} begins"),
    phrase("{policy} begins"),
)
"""The sentences that texts of events are made from."""


def event_text(text: str) -> str:
    """Return what an event says, as in the column ``text``, in the language in use."""
    return retold(text, EVENT_TEXTS, called)
