"""The server of the page: Solara's, with everything that the browser loads kept in this package.

Solara's own server fetches its scripts from elsewhere and counts its users. This one does neither,
so the page works without a network and tells nobody.
"""

import asyncio
import errno
import gzip
import logging
import socket
import threading
import warnings
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from sim.errors import RunError
from sim.experiments.extras import need

BUNDLE: Final = Path(__file__).parent / "bundle"
"""Scripts and styles of the front end, each compressed; README.md there tells what they are."""
LOOPBACK: Final = "127.0.0.1"
WORKER: Final = "villagesim worlds"
"""Name of the threads in which visitors' worlds run."""
_TYPES: Final = {".js": "text/javascript", ".css": "text/css"}
_EMPTY: Final = ("fonts.css",)
"""Files that are asked for and not needed: fonts are those of the system."""
_KEEP_SECONDS: Final = 86_400
_OLDEST_IPYVUE: Final = 3
_LAST_WORK_S: Final = 10.0
"""At the end, worlds that are being made or run may finish for so long."""


@dataclass
class Served:
    """What a server shows to everybody who opens the page; the worlds are their own."""

    scenario: str = "cangtian"
    """Name or file of the scenario that is shown first."""
    lang: str = "en"


SERVED: Final = Served()
"""Set once, before the server starts."""


def open_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Parameters
    ----------
    host : str
        Address to listen on.
    port : int
        Port; 0 is any that is free.

    Raises
    ------
    RunError
        If the address cannot be listened on.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        allowed = "a port that is free, or 0 for any one"
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            allowed = "an address of this computer, or 0.0.0.0 for all of them"
        where = f"--host {host} --port {port}"
        raise RunError(f"{where}: {error.strerror}; allowed: {allowed}") from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address of the page."""
    host, port = listener.getsockname()[:2]
    here = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # of all addresses, this computer's
    shown = f"[{here}]" if ":" in here else here
    return f"http://{shown}:{port}/"


def serve(listener: socket.socket, *, opens_browser: bool) -> None:
    """Serve the page until Ctrl-C.

    Parameters
    ----------
    listener : socket
        As `open_port` returns it.
    opens_browser : bool
        Whether to open the page in the browser.

    Raises
    ------
    RunError
        If a library is missing.
    """
    application = page_application()
    uvicorn = need("uvicorn", "app")
    config = uvicorn.Config(
        application, log_level="warning", timeout_graceful_shutdown=1, ws_max_size=2**24
    )
    server = uvicorn.Server(config)
    if opens_browser:
        threading.Timer(0.5, webbrowser.open, [url_of(listener)]).start()
    # The server has ended in good order by the time it passes Ctrl-C on.
    with listener, suppress(KeyboardInterrupt):
        asyncio.run(server.serve(sockets=[listener]))
    for thread in threading.enumerate():
        if thread.name == WORKER:
            thread.join(_LAST_WORK_S)


def page_application() -> Any:
    """Return the application that serves the page, as ASGI servers take it.

    Raises
    ------
    RunError
        If a library is missing.
    """
    check_libraries()
    import solara

    logging.getLogger("solara").setLevel(logging.ERROR)
    # On loopback there is no https, and Solara falls back to other cookies by itself.
    warnings.filterwarnings("ignore", "Cookies with samesite=none require https", UserWarning)
    from solara.server import settings

    settings.telemetry.mixpanel_enable = False
    settings.theme.show_banner = False
    settings.theme.loader = "plain"
    settings.theme.title = "villagesim"
    settings.assets.fontawesome_enabled = False
    settings.main.mode = "production"
    settings.kernel.cull_timeout = "10m"
    solara.settings.main.check_hooks = "off"
    from solara.server import app as solara_app
    from solara.server import starlette as solara_starlette
    from starlette.applications import Starlette
    from starlette.routing import Mount, Route

    solara_app.apps["__default__"] = solara_app.AppScript("sim.app.page")

    async def page(request: Any) -> Any:
        return _dressed(await solara_starlette.root(request), SERVED.lang)

    routes = [
        Route("/", endpoint=page),
        Mount("/_solara/cdn", app=_Bundle()),
        *solara_starlette.routes,
    ]
    return Starlette(
        routes=routes,
        lifespan=solara_starlette.lifespan,
        middleware=solara_starlette.middleware,
    )


def check_libraries() -> None:
    """Refuse to start without the libraries that the page is made with.

    Raises
    ------
    RunError
        If one is missing, or too old for the front end of this package.
    """
    need("solara.server", "app")
    ipyvue = need("ipyvue", "app")
    if int(ipyvue.__version__.partition(".")[0]) < _OLDEST_IPYVUE:
        raise RunError(
            f"ipyvue {ipyvue.__version__} is too old for the page; "
            "install a newer one by: pip install --upgrade 'villagesim[app]'"
        )


def _dressed(response: Any, lang: str) -> Any:
    """Give the page its language, and let people magnify it."""
    body = response.body.decode()
    body = body.replace("<html>", f'<html lang="{lang}">', 1)
    body = body.replace(", maximum-scale=1, user-scalable=no, minimal-ui", "", 1)
    response.body = body.encode()
    response.headers["content-length"] = str(len(response.body))
    return response


class _Bundle:
    """Serves the files of the bundle by their names, whatever version is asked for."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from starlette.responses import Response

        name = scope["path"].rpartition("/")[2]
        response = Response(status_code=404)
        if name in _EMPTY:
            response = Response("", media_type="text/css")
        elif name in bundled():
            headers = {"cache-control": f"public, max-age={_KEEP_SECONDS}"}
            content, is_packed = (BUNDLE / f"{name}.gz").read_bytes(), _takes_gzip(scope)
            headers |= {"content-encoding": "gzip"} if is_packed else {}
            response = Response(
                content if is_packed else gzip.decompress(content),
                media_type=_TYPES[Path(name).suffix],
                headers=headers,
            )
        await response(scope, receive, send)


def _takes_gzip(scope: Any) -> bool:
    return any(b"gzip" in value for name, value in scope["headers"] if name == b"accept-encoding")


@cache
def bundled() -> frozenset[str]:
    """Return the names of the files in the bundle."""
    return frozenset(file.name.removesuffix(".gz") for file in BUNDLE.glob("*.gz"))
