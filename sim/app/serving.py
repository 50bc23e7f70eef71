"""Starting the page from the shell: everything is checked before the server starts."""

from collections.abc import Callable
from typing import NamedTuple

from sim.app.server import SERVED, check_libraries, open_port, serve, url_of
from sim.app.world import check_size
from sim.scenario import load_scenario
from sim.words import language_named


class Wanted(NamedTuple):
    """How the page is to be served."""

    host: str
    """Address to listen on."""
    port: int
    """Port; 0 is any that is free."""
    lang: str
    """Language that the page opens in."""
    opens_browser: bool
    """Whether to open it in the browser."""


def open_page(name: str, wanted: Wanted, tell: Callable[[str], None]) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    name : str
        Scenario that is shown first.
    wanted : Wanted
        How to serve it.
    tell : callable
        Is told the address once it listens.

    Raises
    ------
    ScenarioError
        If the scenario is not valid, or too large for the page, or the language is not known.
    RunError
        If a library is missing, or the address cannot be listened on.
    """
    SERVED.lang = language_named(wanted.lang, "--lang")
    check_libraries()
    check_size(load_scenario(name))
    SERVED.scenario = name
    listener = open_port(wanted.host, wanted.port)
    tell(url_of(listener))
    serve(listener, opens_browser=wanted.opens_browser)
