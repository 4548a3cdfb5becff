"""The template engine of the pages: everything that a template writes is escaped, words and pictures are filters."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fsb_oracle.errors import UsageError
from fsb_oracle.records import Result
from fsb_oracle.report import calibration, measured_variances, regimes, view
from fsb_oracle.report.accuracy import accuracy_picture
from fsb_oracle.report.bounds import bound_text
from fsb_oracle.report.formats import count, duration, moment, number, radius, shorten_decimal
from fsb_oracle.report.groups import totals
from fsb_oracle.report.interval_picture import interval_picture
from fsb_oracle.report.spectra import peak_text, spectrum_picture

if TYPE_CHECKING:
    from jinja2 import Environment


def jinja_environment() -> Environment:
    """Templates with autoescape, undefined names as errors.

    Raises UsageError where Jinja2 is not installed.
    """
    try:
        import jinja2
    except ImportError:
        raise UsageError("the HTML report needs Jinja2: pip install 'fsb-oracle[report]'") from None
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("fsb_oracle.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        word=view.WORDS.__getitem__,
        count=count,
        number=number,
        duration=duration,
        decimal=shorten_decimal,
        radius=radius,
        moment=moment,
        unbroken=unbroken,
        sentence=view.finding_sentence,
        bias=view.bias_text,
        bound=bound_text,
        how=view.how,
        message=view.message,
        place=view.place,
        parameters=view.parameters,
        back_end=view.back_end,
        topic=view.topic,
        picture=picture,
        spectrum=spectrum_picture,
        peak=peak_text,
        map=accuracy_picture,
        totals=totals,
        places=places,
        regime=regimes.regime_picture,
        regime_words=regimes.description,
        zscores=calibration.calibration_picture,
        zwords=calibration.description,
        forest_picture=measured_variances.forest_picture,
        forest_words=measured_variances.description,
    )
    return environment


def picture(result: Result) -> str:
    """The picture of a finding: its spectrum or its interval; "" where there is nothing to draw."""
    return spectrum_picture(result) or interval_picture(result)


def unbroken(text: str) -> str:
    """No line break between a number and its per cent sign."""
    return text.replace(" %", "\u00a0%")


def places(results: list[Result]) -> list[tuple[str, int]]:
    """Topics with back ends, and how many of the results each has."""
    return list(Counter(f"{view.topic(result)}, {view.back_end(result)}" for result in results).items())
