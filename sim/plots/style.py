"""How all figures look: sizes, colours that everybody can tell apart, axes, titles and footers.

Nothing here changes settings of matplotlib as a whole, so that figures look the same wherever
they are drawn, and a notebook's own figures stay as they are.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, Protocol

import polars as pl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from sim.plots.letters import FONT, NO_FONT, chinese_fonts, ems_of, has_chinese, wrapped
from sim.words import ENGLISH, counted, language, named, scales_of_money, t, together

# Okabe and Ito (2008), "Color universal design". Their luminance differs too, for prints in grey.
BLACK: Final = "#000000"
ORANGE: Final = "#E69F00"
SKY_BLUE: Final = "#56B4E9"
GREEN: Final = "#009E73"
YELLOW: Final = "#F0E442"
BLUE: Final = "#0072B2"
VERMILLION: Final = "#D55E00"
PURPLE: Final = "#CC79A7"
GREY: Final = "#8C8C8C"
LIGHT_GREY: Final = "#DDDDDD"

WIDTH_INCHES: Final = 7.2
"""Two columns of a journal, 183 mm."""
TITLE_POINTS: Final = 10.0
LABEL_POINTS: Final = 8.5
SMALL_POINTS: Final = 7.5

LEGEND_INCHES: Final = 0.27
"""Height of a row of legend above axes."""

_MOST_YEARS: Final = 6
"""Labels of years that fit under axes of half the width."""
_FEWEST_YEARS: Final = 5
_TITLE_CHARACTERS: Final = 88
_FOOTER_CHARACTERS: Final = 130
_POINTS_PER_INCH: Final = 72.0


class Named(Protocol):
    """What a figure shows, for its footer."""

    @property
    def footer(self) -> str:
        """The footer: a sentence."""


class RunName(NamedTuple):
    """A run that a figure shows."""

    scenario: str
    seed: int

    @property
    def footer(self) -> str:
        """The footer."""
        return t("Scenario {scenario}, seed {seed}.", scenario=self.scenario, seed=self.seed)


class Unit(NamedTuple):
    """A unit that suits the size of the numbers."""

    name: str
    size: float
    """How many basic units it is."""


def yuan_unit(largest: float) -> Unit:
    """Return the unit for money up to `largest` yuan."""
    scales = scales_of_money()
    return Unit(*next((scale for scale in scales if largest >= 2 * scale.yuan), scales[-1]))


def unit_of_yuan(best: Unit, unit: str) -> str:
    """Return a unit that begins with yuan, such as yuan/year, in another unit of money."""
    per = unit.removeprefix("yuan")
    return f"{best.name}{t(per) if per else ''}"


def mass_unit(largest_kg: float) -> Unit:
    """Return the unit for masses up to `largest_kg`."""
    return Unit(t("t"), 1e3) if largest_kg >= 2e4 else Unit(t("kg"), 1.0)


def new_figure(height_inches: float, title: str, run: Named, remark: str = "") -> Figure:
    """Return a figure without axes, with its title and its footer.

    Parameters
    ----------
    height_inches : float
        Height of the figure [inches].
    title : str
        What is shown.
    run : Named
        Which run, or runs, are shown.
    remark : str
        A sentence for the footer that the reader needs to understand the figure.
    """
    figure = Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")
    left = 0.012
    figure.suptitle(
        wrapped(title, _TITLE_CHARACTERS), x=left, ha="left", size=TITLE_POINTS, weight="bold"
    )
    footer = _footer(together(run.footer, remark))
    figure.supxlabel(footer, x=left, ha="left", size=SMALL_POINTS - 0.5, color="#404040")
    return figure


def of_place(villages: pl.DataFrame, word: Literal["of", "in"] = "of") -> str:
    """Say of which village, or of how many, a table with their numbers and names tells."""
    number = villages["village_number"].n_unique()
    if number == 0:
        return ""
    place = named(villages["village"][0]) if number == 1 else counted(number, "village")
    return t(" of {place}", place=place) if word == "of" else t(" in {place}", place=place)


def text_inches(text: str) -> float:
    """Return how wide a small text is, or a little more [inches]."""
    return ems_of(text) * SMALL_POINTS / _POINTS_PER_INCH


def plain_figure(title: str, sentence: str, run: Named) -> Figure:
    """Return a figure that says in one sentence why there is nothing to draw."""
    figure = new_figure(1.6, title, run)
    axes = figure.add_subplot()
    axes.set_axis_off()
    axes.text(0.5, 0.5, sentence, ha="center", va="center", size=LABEL_POINTS + 1)
    return finished(figure)


def dress(axes: Axes, y_label: str, grid: Literal["x", "y", "both"] = "y") -> None:
    """Give axes their frame, their grid and the size of their labels."""
    axes.set_ylabel(y_label, size=LABEL_POINTS)
    axes.tick_params(which="both", labelsize=SMALL_POINTS, color=GREY)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis=grid, color=LIGHT_GREY, linewidth=0.6)


def legend_above(axes: Axes, columns: int = 4) -> None:
    """Put the legend over the axes, where it hides nothing."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=columns,
        fontsize=SMALL_POINTS,
        facecolor="white",
        edgecolor="none",
        framealpha=1.0,
        borderpad=0.1,
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.2,
    )


def legend_alone(row: Axes, axes: Axes) -> None:
    """Turn empty axes into a row with the legend of other axes."""
    row.set_axis_off()
    handles, labels = axes.get_legend_handles_labels()
    legend = row.legend(
        handles,
        labels,
        loc="center left",
        ncols=len(handles),
        fontsize=SMALL_POINTS,
        frameon=False,
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.0,
    )
    legend.set_in_layout(False)  # or a long row would make the axes narrower


def years_text(first: int, last: int) -> str:
    """Write a period of years."""
    if first == last:
        return t("{year}", year=first)
    return t("{first}–{last}", first=first, last=last)


def with_years(title: str, first: int, last: int) -> str:
    """Return the title of a figure with the years that it shows."""
    return t("{title}, {years}", title=title, years=years_text(first, last))


def years_axis(axes: Axes, first: int, last: int) -> None:
    """Label the horizontal axis of bars with years; a few years keep bars of a usual width."""
    half = max(last - first + 1, _FEWEST_YEARS) / 2.0 + 0.1
    axes.set_xlim((first + last) / 2.0 - half, (first + last) / 2.0 + half)
    step = 1 + (last - first) // _MOST_YEARS
    axes.set_xticks(range(first, last + 1, step))
    axes.set_xlabel(t("Year"), size=LABEL_POINTS)


def amount(value: float) -> str:
    """Write a number as a reader expects it: 0.01, 2.5, 1,000."""
    if value == 0:
        return "0"
    return f"{value:,.0f}" if abs(value) >= 10 and value == round(value) else f"{value:,.10g}"


def percent(share: float) -> str:
    """Write a share (0-1) as a percentage with two digits that count."""
    hundredths = 100.0 * share
    digits = f"{hundredths:.0f}" if hundredths >= 10 or share == 0 else f"{hundredths:.2g}"
    return t("{number} %", number=digits)


def plain_ticks(axis: Axis) -> None:
    """Label a linear axis with plain numbers."""
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: amount(round(value, 9))))


def whole_ticks(axis: Axis) -> None:
    """Label a linear axis of things that are counted with whole numbers."""
    plain_ticks(axis)
    axis.set_major_locator(MaxNLocator(nbins=5, integer=True))


def log_ticks(axis: Axis, lowest: float, highest: float) -> None:
    """Label a logarithmic axis with plain numbers, closer if it spans less than two decades."""
    near = highest < 150.0 * lowest
    axis.set_major_locator(LogLocator(base=10.0, subs=(1.0, 2.0, 5.0) if near else (1.0,)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: amount(float(f"{value:.6g}"))))
    axis.set_minor_locator(LogLocator(base=10.0, subs=tuple(range(2, 10))))
    axis.set_minor_formatter(NullFormatter())


def spans_orders(values: Iterable[float], factor: float = 100.0) -> bool:
    """Whether the values above zero differ by more than `factor`."""
    above = [value for value in values if value > 0]
    return bool(above) and max(above) > factor * min(above)


def finished(figure: Figure) -> Figure:
    """Make every text literal, and Chinese names legible where a font for them is installed.

    Without this a name with two dollar signs would be read as mathematics.
    """
    texts = figure.findobj(Text)
    fonts = FONT if language() == ENGLISH else [FONT, *chinese_fonts()]
    for axes in figure.axes:
        axes.tick_params(which="both", labelfontfamily=fonts)
    for text in texts:
        text.set_parse_math(False)
        text.set_fontfamily(fonts)
    chinese = [text for text in texts if has_chinese(text.get_text())]
    if chinese:
        _use_chinese_font(figure, chinese)
    return figure


def _use_chinese_font(figure: Figure, chinese: Iterable[Text]) -> None:
    fonts = chinese_fonts()
    for text in chinese:
        text.set_fontfamily([FONT, *fonts])
        text.set_fontweight("normal")  # most have no bold letters
    if not fonts:
        footer = figure.get_supxlabel()
        for text in figure.texts:
            if text.get_text() == footer:
                text.set_text(_footer(f"{footer} {NO_FONT}"))


def _footer(text: str) -> str:
    return wrapped(text, _FOOTER_CHARACTERS)
