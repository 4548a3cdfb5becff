"""Renderings of a record: an HTML page and plain text. Layout only: everything shown is in the record."""

from fsb_oracle.report.html import render_html
from fsb_oracle.report.terminal import render_text

__all__ = ["render_html", "render_text"]
