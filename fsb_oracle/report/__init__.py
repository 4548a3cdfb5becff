"""Renderings of a record: an HTML page, plain text, JUnit XML. Layout only: everything shown is in the record."""

from fsb_oracle.report.html import render_html
from fsb_oracle.report.junit import render_junit
from fsb_oracle.report.terminal import render_text

__all__ = ["render_html", "render_junit", "render_text"]
