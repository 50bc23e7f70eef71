import pytest
from browser import ARGUMENTS, browser_path, served

from sim.app.session import Session
from sim.scenario import load_scenario

HAMLETS = """
title = "Three hamlets on a map"
question = "Who comes first?"
start = 2009-01-01
end = 2013-12-31
villages = [
{villages}
]
"""
HAMLET = (
    '{{ name = "{name}", province = "P", prefecture = "Q", county = "C", town = "T", people = 900, '
    "households = 300, broadband_year = 2005, position = {{ x_km = {x}.0, y_km = {y}.0 }}, "
    'within_reach = ["small_appliances"], farmers = {{ households = 60, crop = "bayberry", '
    "orchard_mu_mean = 5.0 }} }},"
)


@pytest.fixture(scope="session")
def hamlets(tmp_path_factory):
    """A scenario file with three villages that grow fruit and lie on a map."""
    places = (("East", 9, 2), ("North", 4, 8), ("West", 0, 1))
    villages = "\n".join(HAMLET.format(name=name, x=x, y=y) for name, x, y in places)
    file = tmp_path_factory.mktemp("scenarios") / "hamlets.toml"
    file.write_text(HAMLETS.format(villages=villages), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def browser():
    path = browser_path()
    if path is None:
        pytest.skip("no browser is installed; on Debian: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def address(browser, hamlets):
    # Whatever has not been compiled yet is compiled here, and not while a page waits.
    Session(load_scenario(hamlets)).advance(32)
    with served(str(hamlets)) as url:
        yield url


@pytest.fixture(scope="session")
def context(browser):
    """One visitor's browser, which has compiled the scripts before."""
    return browser.new_context(accept_downloads=True)


@pytest.fixture
def visit(browser, context, address):
    """Open the page, if wanted in another browser; each page has worlds of its own."""
    opened, faults = [], []

    def open_page(query="scenario=cangtian", width=1400, asked=None, *, alone=False):
        page = (browser if alone else context).new_page()
        page.set_viewport_size({"width": width, "height": 900})
        page.set_default_timeout(120_000)
        opened.append(page)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: None if asked is None else asked.append(request.url))
        page.goto(f"{address}?{query}")
        page.wait_for_selector(".vs h1")
        return page

    yield open_page
    for page in opened:
        page.close()
    assert not faults
