"""Awkward names, and a reader of pages that minds their tags."""

from html.parser import HTMLParser

NAME = "芦苇村 <Reed & Sons> $5"
TITLE = 'A "tiny" village <b>bold</b> & 仓前 $x_1$'
QUESTION = "Is 1 < 2 & </blockquote><script>alert('x')</script>?"
POLICY = "Train & <i>learn"

VOID = {"meta", "img", "br", "hr", "link", "input"}
LOADING = ("src", "srcset", "data", "poster", "background", "action", "formaction", "xlink:href")


class Reading(HTMLParser):
    """Reads a page: its text, tables and addresses, and whether its tags are closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.pieces: list[str] = []
        self.rows: list[list[str]] = []
        self.code: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "pre":
            self.code.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            return
        self.pieces.append(data)
        if self.open and self.open[-1] in ("td", "th", "a") and {"td", "th"} & {*self.open}:
            self.rows[-1][-1] += data
        if "pre" in self.open:
            self.code[-1] += data

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).replace("\N{NO-BREAK SPACE}", " ").split())

    def values(self, name: str, tag: str = "") -> list[str]:
        """All values of an attribute."""
        return [at[name] for t, at in self.tags if name in at and tag in ("", t)]

    def row(self, first: str) -> list[str]:
        """The row of a table that begins with a text."""
        cells = [[c.replace("\N{NO-BREAK SPACE}", " ") for c in row] for row in self.rows]
        return next(row for row in cells if row and row[0] == first)


def read(html: str) -> Reading:
    page = Reading()
    page.feed(html)
    page.close()
    assert page.open == []
    return page
