"""The command that opens the page in the browser."""

from typing import Annotated

import typer

from sim.cli.options import read_count

_MOST_PORTS = 65_535


def read_port(text: str) -> int:
    """Read a port from the command line."""
    port = read_count(text) if str(text).isdigit() else -1
    if not 0 <= port <= _MOST_PORTS:
        raise typer.BadParameter(f"{text!r}; allowed: a whole number from 0 to {_MOST_PORTS}")
    return port


def app(
    name: Annotated[
        str,
        typer.Argument(
            metavar="[SCENARIO]",
            help="The scenario that is shown first: a file, or the bare name of one that "
            "[bold]villagesim list[/] shows.",
        ),
    ] = "cangtian",
    host: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Address to listen on. Everybody who reaches another one than this computer's "
            "own can use the page.",
        ),
    ] = "127.0.0.1",
    port: Annotated[
        int,
        typer.Option(parser=read_port, metavar="N", help="Port; 0 is any that is free."),
    ] = 8765,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False,
    lang: Annotated[
        str, typer.Option(metavar="CODE", help="Language that the page opens in: en or zh.")
    ] = "en",
) -> None:
    """Open a page in the browser: two worlds of a scenario side by side, with the same luck."""
    from sim.app.serving import Wanted, open_page

    open_page(name, Wanted(host, port, lang, not no_open), _tell)


def _tell(address: str) -> None:
    print(f"The page is at {address} (Ctrl-C ends it)", flush=True)
