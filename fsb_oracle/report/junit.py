"""A record as JUnit XML, as pytest writes it: what CI systems read."""

from __future__ import annotations

import re
from collections import Counter
from xml.etree import ElementTree as ET

from fsb_oracle.records import Record, Result, Status

# what XML 1.0 cannot hold, not even escaped
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_KINDS = {
    Status.fail: "failure",
    Status.unexpected_pass: "failure",
    Status.inconclusive: "failure",
    Status.error: "error",
    Status.not_applicable: "skipped",
    Status.known_failure: "skipped",
}


def render_junit(record: Record, *, strict: bool = False) -> str:
    """The record as one test suite with a test case for each result.

    pass: passed; within_margin: passed, with the message as its output (with `strict`: failure); fail and
    unexpected_pass: failure; inconclusive: failure, whose text begins with INCONCLUSIVE; not_applicable: skipped;
    known_failure: skipped, of the type that pytest gives to xfail; error: error. A run that was interrupted has one
    error more.
    """
    cases = [_case(result, strict) for result in record.results]
    if record.run.get("interrupted"):
        cases.append(_interrupted(record))
    kinds = Counter(child.tag for case in cases for child in case)
    counts = {
        "tests": str(len(cases)),
        "failures": str(kinds["failure"]),
        "errors": str(kinds["error"]),
        "skipped": str(kinds["skipped"]),
        "time": _seconds(record.run.get("seconds")),
    }
    whole = ET.Element("testsuites", {"name": "fsb-oracle", **counts})
    suite = ET.SubElement(whole, "testsuite", {"name": "fsb-oracle", **counts})
    if record.run.get("started"):
        suite.set("timestamp", _clean(str(record.run["started"])))
    suite.append(_properties(record))
    suite.extend(cases)
    ET.indent(whole)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(whole, encoding="unicode") + "\n"


def _case(result: Result, strict: bool) -> ET.Element:
    attributes = {"classname": _clean(result.subject), "name": _clean(result.case), "time": _seconds(result.seconds)}
    case = ET.Element("testcase", attributes)
    text = _clean(result.message.strip() or result.reason or result.status.value)
    kind = "failure" if strict and result.status is Status.within_margin else _KINDS.get(result.status)
    if kind is None:
        if result.status is Status.within_margin:
            ET.SubElement(case, "system-out").text = text
        return case
    if result.status is Status.inconclusive and not text.startswith("INCONCLUSIVE"):
        text = f"INCONCLUSIVE  {text}"
    first = text.partition("\n")[0]
    if kind == "skipped":
        xfail = result.status is Status.known_failure
        message = _clean(result.reason or first)
        ET.SubElement(case, kind, {"type": "pytest.xfail" if xfail else "pytest.skip", "message": message}).text = text
    else:
        ET.SubElement(case, kind, {"type": result.status.value, "message": first}).text = text
    return case


def _interrupted(record: Record) -> ET.Element:
    case = ET.Element("testcase", {"classname": "fsb-oracle", "name": "the run was not interrupted", "time": "0"})
    words = f"interrupted after {len(record.results)} of {record.run.get('planned')} results"
    ET.SubElement(case, "error", {"type": "interrupted", "message": words}).text = words
    return case


def _properties(record: Record) -> ET.Element:
    """What is needed to run it again."""
    properties = ET.Element("properties")
    rate = record.run.get("false_fail_rate", {}).get("declared")
    values = {
        "targets": " ".join(map(str, record.run.get("targets", []))),
        "profile": record.run.get("profile"),
        "seed": record.run.get("seed"),
        "false_fail_rate": rate,
        **{f"version {name}": number for name, number in record.run.get("versions", {}).items() if number},
    }
    for name, value in values.items():
        ET.SubElement(properties, "property", {"name": _clean(name), "value": _clean(str(value))})
    return properties


def _seconds(value: float | None) -> str:
    return f"{value or 0.0:.3f}"


def _clean(text: str) -> str:
    """The text with what XML cannot hold written as \\u001b."""
    return _FORBIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


__all__ = ["render_junit"]
