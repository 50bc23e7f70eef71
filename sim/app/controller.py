"""One visitor's worlds, run in a thread of their own, and what the page shows of them."""

import gc
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final

from sim.app.charts import Chart
from sim.app.downloads import Download, chart_file, scenario_file, tables_file
from sim.app.links import Link, link_from, written_changes
from sim.app.network import household_at
from sim.app.server import WORKER
from sim.app.session import Session
from sim.app.view import Scenes, parts_of_view
from sim.app.village_map import village_at
from sim.errors import ScenarioError, SimError
from sim.experiments.run import month_ends
from sim.scenario import list_scenarios, load_scenario
from sim.words import ENGLISH, LANGUAGES, t, using_language

Publish = Callable[[Mapping[str, Any]], None]
"""Takes the parts of the page that have changed, by name."""

SPEEDS: Final = {"day": 1, "week": 7, "month": 0}
"""Days that pass between two pictures; 0 is the rest of the month."""
_PATIENCE_S: Final = 1.0
"""A page that does not say that it has drawn a picture gets the next one after so long."""
_GLANCE_S: Final = 0.25
"""On the way to a date, a picture is shown so often."""


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
        self._publish = publish
        self._served = scenario
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._drawn = Event()
        self._idle = Event()
        self._session: Session | None = None
        self._scenes = Scenes()
        self._playing = False
        self._goal: date | None = None
        self._error = ""
        self._files = 0
        self._deeds = 0
        self._is_closed = False
        self._shown: dict[str, Any] = {}
        self.lang = link.lang if link.lang in LANGUAGES else lang
        self.speed = link.speed if link.speed in SPEEDS else "month"
        self._do(lambda: self._follow(link))
        self._thread = Thread(target=self._work, name=WORKER, daemon=True)

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
        if deed.get("do") == "drawn":
            self._drawn.set()
            return
        if deed.get("do") == "pause":
            self._playing = False  # at once, not after what is waiting
        method = getattr(self, f"_on_{deed.get('do')}", None)
        if method is not None:
            self._do(lambda: method(**{k: v for k, v in deed.items() if k != "do"}))

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until there is nothing to do; for tests. Return whether that came."""
        return self._idle.wait(timeout_s)

    @property
    def session(self) -> Session:
        """The worlds.

        Raises
        ------
        LookupError
            If none could be made yet.
        """
        if self._session is None:
            raise LookupError("no scenario has been loaded")
        return self._session

    # --- the thread

    def _do(self, job: Callable[[], None]) -> None:
        self._idle.clear()
        self._jobs.put(job)

    def _work(self) -> None:
        with using_language(ENGLISH):
            while True:
                job = self._next_job()
                if self._is_closed:
                    self._session = None
                    self._idle.set()
                    return
                self._carry_out(job if job is not None else self._play_on)

    def _next_job(self) -> Callable[[], None] | None:
        """Return what is to be done; None if that is to play on, or to stop."""
        if not self._playing:
            return self._jobs.get()
        with suppress(Empty):
            return self._jobs.get_nowait()
        return None

    def _carry_out(self, job: Callable[[], None]) -> None:
        is_done = False
        self._drawn.clear()
        session = self._session
        worlds = None if session is None else [id(world) for world in session.worlds]
        try:
            job()
            is_done = True
        except SimError as error:
            self._error, self._playing, is_done = str(error), False, True
        finally:
            if not is_done:  # a fault of the program: the page says so before the thread ends
                self._publish({"status": self._status() | {"error": "internal error"}})
        if worlds is not None and [id(world) for world in self.session.worlds] != worlds:
            del session
            gc.collect()  # a model and its agents know each other, so they do not go by themselves
        self._deeds += 1
        if self._is_closed:
            return
        if self._jobs.empty():
            self._show()
            if self._playing:
                self._drawn.wait(_PATIENCE_S)
            elif self._jobs.empty():
                self._idle.set()

    def _play_on(self) -> None:
        session = self.session
        if self._goal is not None:
            began = time.monotonic()
            while session.last_date < self._goal and time.monotonic() - began < _GLANCE_S:
                session.run_until(min(self._goal, _month_later(session)))
            is_there = session.last_date >= self._goal or session.is_over
            self._goal = None if is_there else self._goal
            self._playing = not is_there
            return
        days = SPEEDS[self.speed]
        session.advance(days) if days else session.advance_month()
        if session.is_over:
            self._playing = False

    def _show(self) -> None:
        """Publish the parts of the page that have changed."""
        with using_language(self.lang):
            parts = {"status": self._status(), "setup": self._setup()}
            if self._session is not None:
                parts |= parts_of_view(self._session, self._scenes)
        changed = {name: part for name, part in parts.items() if self._shown.get(name) != part}
        self._shown |= changed
        if changed:
            self._publish(changed)

    def _setup(self) -> dict[str, Any]:
        names = dict(list_scenarios())
        if self._served not in names:
            names = {self._served: self._served} | names
        scenarios = [{"name": name, "title": t(title or name)} for name, title in names.items()]
        languages = [{"code": code, "name": name} for code, name in LANGUAGES.items()]
        return {"scenarios": scenarios, "languages": languages, "lang": self.lang}

    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = {
            "deeds": self._deeds, "playing": self._playing, "speed": self.speed,
            "error": self._error, "is_ready": self._session is not None,
            "date": "", "start": "", "end": "",
            "is_over": False, "link": "", "scenario": self._scenes.scenario,
        }  # fmt: skip
        if self._session is not None:
            session = self._session
            status |= {
                "date": session.last_date.isoformat(),
                "start": session.start.isoformat(),
                "end": session.end.isoformat(),
                "is_over": session.is_over,
                "link": self.link().query(),
            }
        return status

    def link(self) -> Link:
        """Return what brings the page back as it is."""
        session = self.session
        has_run = session.last_date >= session.start
        return Link(
            scenario=self._scenes.scenario,
            lang=self.lang,
            changes=written_changes(session.choices),
            added=tuple(session.choices.added),
            until=session.last_date if has_run else None,
            village=session.village_path if session.village else "",
            household=self._scenes.household,
            speed=self.speed,
        )

    # --- what a visitor does

    def _follow(self, link: Link) -> None:
        """Bring back what a link says."""
        name = link.scenario or self._served
        self._on_scenario(name)
        session = self.session
        for policy in link.added:
            session.choices.add_policy(policy)
        for key, value in link.changes:
            session.choices.set(key, value)
        session.restart()
        if link.village:
            session.choose_village(link.village)
        self._scenes.household = link.household
        if link.until is not None and link.until >= session.start:
            self._goal, self._playing = min(link.until, session.end), True

    def _on_scenario(self, name: str) -> None:
        self._error = ""
        self._playing, self._goal = False, None
        if name != self._served and name not in dict(list_scenarios()):
            raise ScenarioError("scenario", given=name, allowed="one of villagesim list")
        self._session = Session(load_scenario(name))
        self._scenes = Scenes(scenario=name)

    def _on_language(self, code: str) -> None:
        if code in LANGUAGES:
            self.lang = code

    def _on_play(self) -> None:
        self._playing, self._goal = not self.session.is_over, None

    def _on_pause(self) -> None:
        self._playing, self._goal = False, None

    def _on_step(self, days: int = 1) -> None:
        self._on_pause()
        self.session.advance(int(days)) if days else self.session.advance_month()

    def _on_end(self) -> None:
        self._goal, self._playing = self.session.end, not self.session.is_over

    def _on_restart(self) -> None:
        self._on_pause()
        self.session.restart()

    def _on_go(self, day: str) -> None:
        """Run to a date, or start anew up to it if it lies behind."""
        self._on_pause()
        self._error = ""
        session = self.session
        try:
            wanted = date.fromisoformat(day)
        except ValueError:
            wanted = date.min
        if not session.start <= wanted <= session.end:
            allowed = f"a date of the scenario, {session.start} to {session.end}"
            raise ScenarioError("until", given=day, allowed=allowed)
        if wanted < session.last_date:
            session.restart()
        self._goal, self._playing = wanted, True

    def _on_speed(self, name: str) -> None:
        if name in SPEEDS:
            self.speed = name

    def _on_set(self, key: str, value: Any) -> None:
        self.session.set(str(key), value)

    def _on_add_policy(self, name: str) -> None:
        self.session.add_policy(str(name))

    def _on_reset(self) -> None:
        self.session.reset()

    def _on_village(self, path: str) -> None:
        if self.session.choose_village(str(path)):
            self._scenes.household = ""

    def _on_household(self, name: str) -> None:
        self._scenes.household = str(name)

    def _on_search(self, text: str = "", page: int = 0, only: bool = False) -> None:
        self._scenes.search = (str(text), int(page), bool(only))

    def _on_pick(self, chart: str, x: float, y: float) -> None:
        """Look at what was clicked on in a chart."""
        if chart == "map":
            village = village_at(self.session, float(x), float(y))
            if village is not None:
                self.session.village = village
                self._scenes.household = ""
        elif chart == "network":
            found = household_at(self.session, float(x), float(y))
            if found is not None:
                self._scenes.household = self.session.household_name(*found)

    def _on_download(self, what: str, name: str = "") -> None:
        file = self._file(what, name)
        if file is not None:
            self._files += 1
            self._publish(
                {
                    "file": {
                        "number": self._files,
                        "name": file.name,
                        "kind": file.kind,
                        "content": file.content,
                    }
                }
            )

    def _file(self, what: str, name: str) -> Download | None:
        session = self.session
        match what:
            case "baseline" | "variant":
                return scenario_file(session, ("baseline", "variant").index(what))
            case "parquet" | "csv":
                return tables_file(session, "csv" if what == "csv" else "parquet")
            case "chart":
                charts: list[Chart] = self._scenes.charts
                return chart_file(session, charts, name)
        return None


def _month_later(session: Session) -> date:
    return next(month_ends(session.date, session.end))
