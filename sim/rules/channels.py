"""Which platforms a shop sells on."""

from typing import Any, NamedTuple

from sim.compiled import rule


class ChannelOutlook(NamedTuple):
    """What an owner knows about one more platform on the first of a month."""

    platform: int
    """Number of the platform (0 Taobao, 1 JD, 2 Alibaba.com, 3 Amazon)."""
    is_open: bool
    """The platform takes shops with this good."""
    is_cross_border: bool
    year_sales_yuan: float
    """The shop's sales of the last twelve months [yuan]."""
    minimum_sales_yuan: float
    """Sales that the platform asks for, after any pilot policy [yuan]."""
    cash_yuan: float
    """The household's cash [yuan]."""
    deposit_yuan: float
    """Deposit of the platform [yuan]."""
    knowledge: float
    """Knowledge of e-commerce (0-1)."""
    u: float
    """The shop's uniform number for this platform (0-1)."""


@rule
def adds_channel(o: Any, b: Any) -> bool:
    """Whether the shop joins the platform this month; o is a ChannelOutlook.

    Source: entry requirements platforms.toml; pace assumed, behaviour.toml channel_rate.
    """
    if not o.is_open or o.year_sales_yuan < o.minimum_sales_yuan or o.cash_yuan < o.deposit_yuan:
        return False
    return o.u < b.channel_rate * o.knowledge
