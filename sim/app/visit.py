"""What one visitor looks at and does, without a thread and without a browser."""

import time
from datetime import date
from typing import Any, Final

from sim.app.downloads import Download, chart_file, scenario_file, tables_file
from sim.app.links import Link, written_changes
from sim.app.network import household_at
from sim.app.session import Session
from sim.app.view import Scenes, parts_of_view
from sim.app.village_map import village_at
from sim.errors import ScenarioError
from sim.experiments.run import month_ends
from sim.scenario import list_scenarios, load_scenario
from sim.words import LANGUAGES, t, using_language

SPEEDS: Final = {"day": 1, "week": 7, "month": 0}
"""Days that pass between two pictures; 0 is the rest of the month."""
_GLANCE_S: Final = 0.25
"""On the way to a date, a picture is shown so often."""


class Visit:
    """One visitor's worlds, and what is looked at.

    A method ``on_...`` is what a visitor can do; its arguments come from the page.

    Parameters
    ----------
    served : str
        Name or file of the scenario that is shown if the link names none.
    lang : str
        Language, if the link names none.
    link : Link
        What the address says.

    Attributes
    ----------
    is_playing : bool
        Whether time goes on by itself.
    goal : date or None
        The date at which it is to stop.
    error : str
        What went wrong last, unless it belongs to a field.
    """

    def __init__(self, served: str, lang: str, link: Link) -> None:
        self.served = served
        self.lang = link.lang if link.lang in LANGUAGES else lang
        self.speed = link.speed if link.speed in SPEEDS else "month"
        self.scenes = Scenes()
        self.is_playing = False
        self.goal: date | None = None
        self.error = ""
        self._session: Session | None = None

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

    @property
    def worlds(self) -> tuple[int, ...]:
        """What tells worlds from those that replace them."""
        return () if self._session is None else tuple(map(id, self._session.worlds))

    def parts(self) -> dict[str, Any]:
        """Return the parts of the page, in the visitor's language."""
        with using_language(self.lang):
            parts = {"status": self.status(), "setup": self.setup()}
            if self._session is not None:
                parts |= parts_of_view(self._session, self.scenes)
        return parts

    def leave(self) -> None:
        """Let go of the worlds."""
        self.is_playing, self._session = False, None

    def play_on(self) -> None:
        """Run up to the next picture."""
        session = self.session
        if self.goal is not None:
            began = time.monotonic()
            while session.last_date < self.goal and time.monotonic() - began < _GLANCE_S:
                session.run_until(min(self.goal, _month_later(session)))
            is_there = session.last_date >= self.goal or session.is_over
            self.goal = None if is_there else self.goal
            self.is_playing = not is_there
            return
        days = SPEEDS[self.speed]
        session.advance(days) if days else session.advance_month()
        if session.is_over:
            self.is_playing = False

    def setup(self) -> dict[str, Any]:
        """Return what can be chosen at the head of the page, in the language in use."""
        names = dict(list_scenarios())
        if self.served not in names:
            names = {self.served: self.served} | names
        scenarios = [{"name": name, "title": t(title or name)} for name, title in names.items()]
        languages = [{"code": code, "name": name} for code, name in LANGUAGES.items()]
        return {"scenarios": scenarios, "languages": languages, "lang": self.lang}

    def status(self) -> dict[str, Any]:
        """Return where time stands, what went wrong, and the link to the page as it is."""
        status: dict[str, Any] = {
            "playing": self.is_playing, "speed": self.speed,
            "error": self.error, "is_ready": self._session is not None,
            "date": "", "start": "", "end": "",
            "is_over": False, "link": "", "scenario": self.scenes.scenario,
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
            scenario=self.scenes.scenario,
            lang=self.lang,
            changes=written_changes(session.choices),
            added=tuple(session.choices.added),
            until=session.last_date if has_run else None,
            village=session.village_path if len(session.baseline.model.villages) > 1 else "",
            household=self.scenes.household,
            speed=self.speed,
        )

    # --- what a visitor does

    def follow(self, link: Link) -> None:
        """Bring back what a link says."""
        name = link.scenario or self.served
        self.on_scenario(name)
        session = self.session
        for policy in link.added:
            session.choices.add_policy(policy)
        for key, value in link.changes:
            session.choices.set(key, value)
        session.restart()
        if link.village:
            session.choose_village(link.village)
        self.scenes.household = link.household
        if link.until is not None and link.until >= session.start:
            self.goal, self.is_playing = min(link.until, session.end), True

    def on_scenario(self, name: str) -> None:
        """Begin with another scenario."""
        self.error = ""
        self.is_playing, self.goal = False, None
        if name != self.served and name not in dict(list_scenarios()):
            raise ScenarioError("scenario", given=name, allowed="one of villagesim list")
        self._session = Session(load_scenario(name))
        self.scenes = Scenes(scenario=name)

    def on_language(self, code: str) -> None:
        """Speak another language."""
        if code in LANGUAGES:
            self.lang = code

    def on_play(self) -> None:
        """Play from here on."""
        self.is_playing, self.goal = not self.session.is_over, None

    def on_pause(self) -> None:
        """Stop where time stands."""
        self.is_playing, self.goal = False, None

    def on_step(self, days: int = 1) -> None:
        """Run some days; none is to the end of the month."""
        self.on_pause()
        self.session.advance(int(days)) if days else self.session.advance_month()

    def on_end(self) -> None:
        """Run to the last day."""
        self.goal, self.is_playing = self.session.end, not self.session.is_over

    def on_restart(self) -> None:
        """Go back to the first morning."""
        self.on_pause()
        self.session.restart()

    def on_go(self, day: str) -> None:
        """Run to a date, or start anew up to it if it lies behind."""
        self.on_pause()
        self.error = ""
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
        self.goal, self.is_playing = wanted, True

    def on_speed(self, name: str) -> None:
        """Play at another speed."""
        if name in SPEEDS:
            self.speed = name

    def on_set(self, key: str, value: Any) -> None:
        """Change a value."""
        self.session.set(str(key), value)

    def on_add_policy(self, name: str) -> None:
        """Add a policy to the variant."""
        self.session.add_policy(str(name))

    def on_reset(self) -> None:
        """Take back every change."""
        self.session.reset()

    def on_village(self, path: str) -> None:
        """Look at another village."""
        if self.session.choose_village(str(path)):
            self.scenes.household = ""

    def on_household(self, name: str) -> None:
        """Look at the life of a household."""
        self.scenes.household = str(name)

    def on_search(self, text: str = "", page: int = 0, only: bool = False) -> None:
        """Look at other rows of the table."""
        self.scenes.search = (str(text), int(page), bool(only))

    def on_pick(self, chart: str, x: float, y: float) -> None:
        """Look at what was clicked on in a chart."""
        if chart == "map":
            village = village_at(self.session, float(x), float(y))
            if village is not None:
                self.session.village = village
                self.scenes.household = ""
        elif chart == "network":
            found = household_at(self.session, float(x), float(y))
            if found is not None:
                self.scenes.household = self.session.household_name(*found)

    def file(self, what: str, name: str = "") -> Download | None:
        """Return what is to be taken home; None if there is no such thing."""
        session = self.session
        match what:
            case "baseline" | "variant":
                return scenario_file(session, ("baseline", "variant").index(what))
            case "parquet" | "csv":
                return tables_file(session, "csv" if what == "csv" else "parquet")
            case "chart":
                return chart_file(session, self.scenes.charts, name)
        return None


def _month_later(session: Session) -> date:
    return next(month_ends(session.date, session.end))
