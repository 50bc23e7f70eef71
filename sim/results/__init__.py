"""What runs leave behind: tables with a schema, run folders, manifests, summaries."""

from sim.results.folder import RunFolder, check_destination, is_run_folder, write_run
from sim.results.frames import summary_of, tables_in, tables_of
from sim.results.record import Cost, RunRecord, record_of
from sim.results.schema import TABLES, arrow_schema
from sim.results.summary import Summary, summarize, with_cost
from sim.results.tables import arrow_tables

__all__ = [
    "TABLES",
    "Cost",
    "RunFolder",
    "RunRecord",
    "Summary",
    "arrow_schema",
    "arrow_tables",
    "check_destination",
    "is_run_folder",
    "record_of",
    "summarize",
    "summary_of",
    "tables_in",
    "tables_of",
    "with_cost",
    "write_run",
]
