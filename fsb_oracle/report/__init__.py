"""Renderings of a record: HTML, text, Markdown, JUnit XML, a badge. Layout only: all that is shown is in the record."""

from fsb_oracle.report.badge import render_badge
from fsb_oracle.report.comparison_page import comparison_text, render_comparison
from fsb_oracle.report.html import render_html
from fsb_oracle.report.junit import render_junit
from fsb_oracle.report.markdown import render_markdown
from fsb_oracle.report.terminal import render_text

__all__ = [
    "comparison_text",
    "render_badge",
    "render_comparison",
    "render_html",
    "render_junit",
    "render_markdown",
    "render_text",
]
