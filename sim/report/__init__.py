"""Reports: what a folder of runs amounts to, on one page that needs nothing else."""

from sim.report.writing import REPORT, report_html, write_report

__all__ = ["REPORT", "report_html", "write_report"]
