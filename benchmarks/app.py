"""Measure the page in a browser: ``python -m benchmarks.app``, ``make bench-app``.

A server and a headless Chromium run on this machine, as they do for a user who looks at the page
of a village. Needs the extra ``app``, playwright and the system's Chromium. Let nothing else run.
"""

import argparse
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.machine import description
from benchmarks.measures import Measure, Tell
from benchmarks.progress import progress
from benchmarks.report import print_tables, write_csv

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "app.csv"
SCENARIO = "cangtian"
LABEL = "cangtian, two worlds, all charts"
WITHOUT_PLATFORM = 'set=policies."Cangtian service platform"=false'
FROM = "2015-12-31"
"""Time is measured from here on: before, the village has next to no shops to draw."""
TARGET_DAYS_PER_S = 60.0
SPEEDS = {"month": "month by month", "week": "week by week", "day": "day by day"}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime / 1000"
PATIENCE_MS = 180_000


@contextmanager
def served() -> Iterator[str]:
    """Serve the page on a free port; give its address."""
    command = [sys.executable, "-c", "from sim.cli import app; app()", "app", SCENARIO]
    command += ["--no-open", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            yield server.stdout.readline().split()[4] if server.stdout else ""
        finally:
            server.send_signal(signal.SIGINT)


def opened(browser: Any, address: str) -> tuple[Any, float, float]:
    """Open the page in a browser that has not seen it; return when it was painted and ready [s]."""
    page = browser.new_context(viewport={"width": 1400, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE_MS)
    started = time.perf_counter()
    page.goto(f"{address}?scenario={SCENARIO}&{WITHOUT_PLATFORM}")
    page.wait_for_selector("[data-chart=network] svg")
    return page, page.evaluate(PAINTED), time.perf_counter() - started


def shown(page: Any) -> date:
    return date.fromisoformat(page.inner_text("[data-test=date]"))


def days_per_s(page: Any, speed: str, for_s: float) -> float:
    """Play for some seconds, at least for one picture and at most to the end; return days/s."""
    page.select_option("[data-test=speed]", speed)
    page.fill("[data-test=goal]", FROM)
    page.click("[data-test=go]")
    page.wait_for_function(
        "day => document.querySelector('[data-test=date]').textContent === day", arg=FROM
    )
    page.wait_for_selector("[data-test=play]:not(:disabled)")
    started = time.perf_counter()
    page.click("[data-test=play]")
    while time.perf_counter() - started < for_s or shown(page).isoformat() == FROM:
        if page.locator("[data-test=play]:disabled").count():
            break
    took, last = time.perf_counter() - started, shown(page)
    if page.locator("[data-test=pause]").count():
        page.click("[data-test=pause]", timeout=PATIENCE_MS)
    page.wait_for_selector("[data-test=play]")
    return (last - date.fromisoformat(FROM)).days / took


def measure(runs: int, for_s: float, tell: Tell) -> list[Measure]:
    """Open the page some times, and let each play at every speed."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        sys.exit("no browser is installed; on Debian: apt-get install chromium")
    painted, ready = [], []
    speeds: dict[str, list[float]] = {speed: [] for speed in SPEEDS}
    with served() as address, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        opened(browser, address)[0].close()  # what has not been compiled yet is compiled here
        for number in range(runs):
            tell(f"the page ({number + 1} of {runs})")
            page, first, whole = opened(browser, address)
            painted.append(first)
            ready.append(whole)
            for speed, found in speeds.items():
                found.append(days_per_s(page, speed, for_s))
            page.close()
        browser.close()
    measures = [
        Measure("first paint", "s", painted, LABEL),
        Measure("all charts are there", "s", ready, LABEL),
    ]
    for speed, name in SPEEDS.items():
        at_least = TARGET_DAYS_PER_S if speed == "month" else None
        measures.append(Measure(f"{name}", "days/s", speeds[speed], LABEL, at_least=at_least))
    return measures


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.app", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="times that the page is opened")
    parser.add_argument("--seconds", type=float, default=10.0, help="longest time of playing")
    parser.add_argument("--out", type=Path, default=RESULTS, help="file to write")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    wanted = parsed(arguments)
    given = sys.argv[1:] if arguments is None else arguments
    about = {"command": " ".join(["python -m benchmarks.app", *given])} | description()
    with progress(Console(stderr=True)) as tell:
        measures = measure(wanted.runs, wanted.seconds, tell)
    print_tables(measures, about, Console())
    write_csv(measures, about, wanted.out)
    print(f"\nwritten to {wanted.out}")


if __name__ == "__main__":
    main()
