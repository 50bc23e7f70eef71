"""The page: a Solara component around a controller, one for each visitor."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import solara

from sim.app.controller import Controller
from sim.app.page_texts import page_texts
from sim.app.server import SERVED
from sim.words import using_language

_EMPTY: dict[str, Any] = {
    "setup": {"scenarios": [], "languages": [], "lang": ""},
    "status": {"is_ready": False, "playing": False, "error": "", "scenario": "", "link": ""},
    "story": {"title": "", "question": "", "villages": [], "village": "", "policies": []},
    "controls": [],
    "choices": {"values": {}, "errors": {}, "refused": {}, "added": []},
    "line": "",
    "charts": [],
    "numbers": [],
    "table": {"rows": [], "page": 0, "pages": 1, "said": "", "search": "", "only": False},
    "life": {"name": "", "shown": "", "about": "", "lines": []},
    "file": {"number": 0},
}


@solara.component_vue("page.vue", vuetify=False)
def View(  # noqa: N802, PLR0913 - a component; each argument is a part that travels by itself
    texts: Mapping[str, str],
    setup: Mapping[str, Any],
    status: Mapping[str, Any],
    story: Mapping[str, Any],
    controls: list[Any],
    choices: Mapping[str, Any],
    line: str,
    charts: list[Any],
    numbers: list[Any],
    table: Mapping[str, Any],
    life: Mapping[str, Any],
    file: Mapping[str, Any],
    event_act: Callable[[Mapping[str, Any]], None],
) -> None:
    """Show the parts of the page; see page.vue."""


@solara.component
def Layout(children: list[Any]) -> Any:  # noqa: N802 - a component
    """Show the page and nothing around it."""
    return solara.Column(children=children, gap="0px")


@solara.component
def Page() -> None:  # noqa: N802 - a component
    """Make a visitor's worlds, and show them until the page is closed."""
    parts, set_parts = solara.use_state(_EMPTY)
    router = solara.use_router()
    query = router.search or ""

    def make() -> Controller:
        def publish(changed: Mapping[str, Any]) -> None:
            set_parts(lambda before: {**before, **_packed(changed)})

        return Controller(SERVED.scenario, SERVED.lang, query, publish)

    controller = solara.use_memo(make, [])

    def work() -> Callable[[], None]:
        controller.start()
        stop: Callable[[], None] = controller.close
        return stop

    solara.use_effect(work, [])
    with using_language(parts["setup"]["lang"] or controller.lang):
        texts = page_texts()
    title = parts["story"]["title"]
    solara.Title(f"{title} – villagesim" if title else "villagesim")
    View(texts=texts, event_act=controller.act, **parts)


def _packed(changed: Mapping[str, Any]) -> Mapping[str, Any]:
    """Write the content of a file as text, as it travels."""
    if "file" not in changed:
        return changed
    file = changed["file"]
    content = base64.b64encode(file["content"]).decode()
    return {**changed, "file": {**file, "content": content}}
