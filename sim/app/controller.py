"""A thread for each visitor: it carries out what the visitor does, and publishes what is shown."""

import gc
from collections.abc import Callable, Mapping
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final

from sim.app.links import link_from
from sim.app.server import WORKER
from sim.app.session import Session
from sim.app.visit import Visit
from sim.errors import SimError

Publish = Callable[[Mapping[str, Any]], None]
"""Takes the parts of the page that have changed, by name."""

_PATIENCE_S: Final = 1.0
"""A page that does not say that it has drawn a picture gets the next one after so long."""


class Controller:
    """Takes what a visitor does, one after the other, and publishes what is to be shown.

    Parameters
    ----------
    scenario : str
        Name or file of the scenario that is shown if the address names none.
    lang : str
        Language, if the address names none.
    query : str
        The query of the address.
    publish : callable
        Takes what has changed.
    """

    def __init__(self, scenario: str, lang: str, query: str, publish: Publish) -> None:
        link = link_from(query)
        self._visit = Visit(scenario, lang, link)
        self._publish = publish
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._drawn = Event()
        self._idle = Event()
        self._files = 0
        self._deeds = 0
        self._is_closed = False
        self._shown: dict[str, Any] = {}
        self._do(lambda: self._visit.follow(link))
        self._thread = Thread(target=self._work, name=WORKER, daemon=True)

    @property
    def lang(self) -> str:
        """The language of the page."""
        return self._visit.lang

    @property
    def session(self) -> Session:
        """The worlds.

        Raises
        ------
        LookupError
            If none could be made yet.
        """
        return self._visit.session

    def start(self) -> None:
        """Start to work."""
        self._thread.start()

    def close(self) -> None:
        """Stop, and let go of the worlds."""
        self._is_closed = True
        self._jobs.put(None)
        self._drawn.set()

    def act(self, deed: Mapping[str, Any]) -> None:
        """Take what a visitor does: its name under ``do``, and what belongs to it."""
        name = deed.get("do")
        if name == "drawn":
            self._drawn.set()
            return
        if name == "pause":
            self._visit.is_playing = False  # at once, not after what is waiting
        method = self._download if name == "download" else getattr(self._visit, f"on_{name}", None)
        if method is not None:
            self._do(lambda: method(**{k: v for k, v in deed.items() if k != "do"}))

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until there is nothing to do; return whether that came."""
        return self._idle.wait(timeout_s)

    def _do(self, job: Callable[[], None]) -> None:
        self._idle.clear()
        self._jobs.put(job)

    def _work(self) -> None:
        while True:
            job = self._next_job()
            if self._is_closed:
                self._visit.leave()
                self._idle.set()
                return
            self._carry_out(job if job is not None else self._visit.play_on)

    def _next_job(self) -> Callable[[], None] | None:
        """Return what is to be done; None if that is to play on, or to stop."""
        if not self._visit.is_playing:
            return self._jobs.get()
        with suppress(Empty):
            return self._jobs.get_nowait()
        return None

    def _carry_out(self, job: Callable[[], None]) -> None:
        visit, worlds = self._visit, self._visit.worlds
        is_done = False
        self._drawn.clear()
        try:
            job()
            is_done = True
        except SimError as error:
            visit.error, visit.is_playing, is_done = str(error), False, True
        finally:
            if not is_done:  # a fault of the program: the page says so before the thread ends
                self._publish({"status": self._status() | {"error": "internal error"}})
        if worlds and visit.worlds != worlds:
            gc.collect()  # a model and its agents know each other, so they do not go by themselves
        self._deeds += 1
        if not self._is_closed and self._jobs.empty():
            self._show()
            if visit.is_playing:
                self._drawn.wait(_PATIENCE_S)
            elif self._jobs.empty():
                self._idle.set()

    def _status(self) -> dict[str, Any]:
        return self._visit.status() | {"deeds": self._deeds}

    def _show(self) -> None:
        """Publish the parts of the page that have changed."""
        parts = self._visit.parts() | {"status": self._status()}
        changed = {name: part for name, part in parts.items() if self._shown.get(name) != part}
        self._shown |= changed
        if changed:
            self._publish(changed)

    def _download(self, what: str, name: str = "") -> None:
        file = self._visit.file(what, name)
        if file is not None:
            self._files += 1
            self._publish({"file": {"number": self._files, **file._asdict()}})
