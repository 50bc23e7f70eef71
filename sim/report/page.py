"""What a page is made of, and how it becomes HTML.

A page is a list of sections, and a section a list of blocks. They hold plain text: the template
escapes all of it, so that a name may have any letters.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

from sim.experiments.extras import need
from sim.words import language, t

_TEMPLATE: Final = "page.html.jinja"


@dataclass(frozen=True)
class Link:
    """A text that leads somewhere; nothing is loaded from there."""

    text: str
    address: str


Cell = str | Link
Text = str | Sequence[Cell]
"""A text, or pieces of one, some of them links."""


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    cells: Sequence[Cell]
    verdict: str = ""
    """better, worse, group for a row that names the rows below it, or empty."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `note` is for what is said in small letters."""

    kind: ClassVar[str] = "paragraph"
    text: Text
    note: bool = False


@dataclass(frozen=True)
class Points:
    """Sentences, each with a point of its own."""

    kind: ClassVar[str] = "points"
    texts: Sequence[str]


@dataclass(frozen=True)
class Pairs:
    """Terms, each with what is said of it."""

    kind: ClassVar[str] = "pairs"
    pairs: Sequence[tuple[str, Text]]


@dataclass(frozen=True)
class Table:
    """A table; columns are of numbers but for those named in `words`."""

    kind: ClassVar[str] = "table"
    heads: Sequence[str]
    rows: Sequence[Row]
    title: str = ""
    words: frozenset[int] = frozenset({0})
    sentences: frozenset[int] = frozenset()
    """Columns of `words` that need more room than others."""
    wraps: bool = False
    """Whether numbers may go on in a next line, at a space."""

    def classes(self, column: int) -> str:
        """Return how a column is set, for the template."""
        kinds = {"words": self.words | self.sentences, "sentences": self.sentences}
        return " ".join(name for name, columns in kinds.items() if column in columns)


@dataclass(frozen=True)
class Picture:
    """A figure as an address that holds all of it, with what it shows in words."""

    kind: ClassVar[str] = "picture"
    address: str
    text: str


@dataclass(frozen=True)
class Code:
    """Text to be copied; with a file name it can be saved from the page."""

    kind: ClassVar[str] = "code"
    text: str
    file_name: str = ""

    @property
    def address(self) -> str:
        """The whole text as an address."""
        return f"data:text/plain;charset=utf-8,{quote(self.text, safe='')}"


Block = Paragraph | Points | Pairs | Table | Picture | Code


@dataclass(frozen=True)
class Section:
    """A part of a page."""

    title: str
    blocks: Sequence[Block]

    @property
    def anchor(self) -> str:
        """What links inside the page call it."""
        return "".join(letter if letter.isalnum() else "-" for letter in self.title.lower())


@dataclass(frozen=True)
class Page:
    """A report."""

    kind: str
    """What is reported: a run, a comparison, an explanation or a sweep."""
    title: str
    question: str
    facts: Sequence[str]
    """The few numbers under the title."""
    sections: Sequence[Section] = field(default_factory=tuple)
    made_by: str = ""
    """Program and version."""


def html_of(page: Page) -> str:
    """Return a page as HTML that loads nothing from elsewhere.

    Raises
    ------
    RunError
        If Jinja2 is not installed.
    """
    jinja2 = need("jinja2", "report")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["link"] = lambda piece: isinstance(piece, Link)
    return str(environment.get_template(_TEMPLATE).render(page=page, t=t, lang=language())) + "\n"
