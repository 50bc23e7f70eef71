"""What visitors take home: scenarios that run from the shell, tables, charts."""

import io
import zipfile
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from sim.app.charts import Chart
from sim.app.session import WORLDS, Session
from sim.results import tables_of
from sim.scenario import resolved_toml

TableFormat = Literal["parquet", "csv"]
_ZIP_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The same tables make the same file."""


class Download(NamedTuple):
    """A file for the visitor."""

    name: str
    kind: str
    content: bytes


def scenario_file(session: Session, world: int) -> Download:
    """Return the scenario of a world, with everything that it inherits, as a TOML file."""
    scenario = session.worlds[world].scenario
    name = f"{scenario.name}-{WORLDS[world]}.toml"
    return Download(name, "application/toml", resolved_toml(scenario).encode())


def tables_file(session: Session, form: TableFormat) -> Download:
    """Return the tables of both worlds so far in a zip file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for name, world in zip(WORLDS, session.worlds, strict=True):
            for table, frame in tables_of(world.model).items():
                content = io.BytesIO()
                frame.write_parquet(content) if form == "parquet" else frame.write_csv(content)
                entry = zipfile.ZipInfo(f"{name}/{table}.{form}", _ZIP_DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                file.writestr(entry, content.getvalue())
            entry = zipfile.ZipInfo(f"{name}/scenario.toml", _ZIP_DATE)
            file.writestr(entry, resolved_toml(world.scenario))
    name = f"{session.choices.file.name}-{session.last_date.isoformat()}-{form}.zip"
    return Download(name, "application/zip", packed.getvalue())


def chart_file(session: Session, charts: Sequence[Chart], name: str) -> Download | None:
    """Return a chart as an SVG file; None if there is none of this name."""
    for chart in charts:
        if chart.name == name:
            day = session.last_date.isoformat()
            file = f"{session.choices.file.name}-{name}-{day}.svg"
            return Download(file, "image/svg+xml", chart.svg.encode())
    return None
