"""The words of the page itself, in the language in use."""

from sim.words import t


def page_texts() -> dict[str, str]:
    """Return headings, labels and buttons by the names that page.vue has for them."""
    return _of_head() | _of_time() | _of_changes() | _of_worlds() | _of_households() | _of_home()


def _of_head() -> dict[str, str]:
    return {
        "skip": t("Skip to the worlds"),
        "scenario": t("Scenario"),
        "language": t("Language"),
        "loading": t("Settling households …"),
        "village": t("Village"),
    }


def _of_time() -> dict[str, str]:
    return {
        "time": t("Time"),
        "play": t("Play"),
        "pause": t("Pause"),
        "day": t("+ 1 day"),
        "month": t("+ 1 month"),
        "end": t("To the end"),
        "restart": t("Restart"),
        "speed": t("Speed"),
        "by_day": t("day by day"),
        "by_week": t("week by week"),
        "by_month": t("month by month"),
        "go_to": t("Go to"),
        "go": t("Go"),
        "computing": t("Computing …"),
        "dates": t("Dates"),
    }


def _of_changes() -> dict[str, str]:
    return {
        "changes": t("What differs in the variant"),
        "changes_hint": t(
            "Both worlds have the same households and the same luck; the variant has the changes "
            "made here. Seed and end are those of both."
        ),
        "reset": t("Take back all changes"),
        "add_policy": t("Add a policy to the variant"),
        "search_values": t("Search all values"),
        "about": t("About"),
        "all_values": t("All values"),
        "plausible": t("Plausible:"),
    }


def _of_worlds() -> dict[str, str]:
    return {
        "differences": t("The two worlds in numbers"),
        "one_draw": t(
            "One draw of luck: another seed gives other numbers. How sure a difference is, "
            "villagesim compare tells."
        ),
        "number": t("Number"),
        "baseline": t("baseline"),
        "variant": t("variant"),
        "difference": t("difference"),
        "charts": t("Charts"),
        "save_svg": t("Save as SVG"),
        "click_map": t("Click on a village to open it."),
        "click_network": t("Click on a household to see its life."),
    }


def _of_households() -> dict[str, str]:
    return {
        "households": t("Households"),
        "household": t("Household"),
        "search": t("Search"),
        "only": t("only those that differ"),
        "pairs": t(
            "Two numbers are those of baseline | variant. ≠: sells something else, or has another "
            "number of shops."
        ),
        "differs": t("differs"),
        "sells": t("sells"),
        "shops": t("shops"),
        "sales": t("sales of twelve months [yuan]"),
        "cash": t("money at hand [yuan]"),
        "previous": t("Previous"),
        "next": t("Next"),
        "life": t("The life of a household"),
        "life_hint": t("Choose a household in the table or in the network."),
    }


def _of_home() -> dict[str, str]:
    return {
        "take_home": t("Take it home"),
        "save_baseline": t("Baseline as TOML"),
        "save_variant": t("Variant as TOML"),
        "save_parquet": t("Tables as Parquet"),
        "save_csv": t("Tables as CSV"),
        "link": t("Link to this page as it is"),
        "copy": t("Copy the link"),
        "copied": t("Copied"),
    }
