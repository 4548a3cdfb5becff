"""JUnit XML: the outcome of each status, counts that add up, and names that try to break out."""

from xml.etree import ElementTree as ET

import pytest

from fsb_oracle.records import Record, Result, Status
from fsb_oracle.report import render_junit

# the elements and attributes of the schema that Jenkins' xunit plugin and GitLab read
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "skipped": {"type", "message"},
    "system-out": set(),
}
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "skipped", "system-out"},
}


def result(status, case="unbiased/a", message="MESSAGE  unbiased/a\n  more", **members):
    return Result(case, "mine.py:one", "unbiased", status, message=message, seconds=1.5, **members)


def rendered(*results, strict=False, **run):
    record = Record({"targets": ["mine.py"], "seconds": 2.0, "started": "2026-01-01T00:00:00+00:00", **run}, results)
    root = ET.fromstring(render_junit(record, strict=strict))
    for element in root.iter():
        assert set(element.keys()) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
    (suite,) = root
    cases = suite.findall("testcase")
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.get(name)) == int(root.get(name)) == len(suite.findall(f"testcase/{tag}"))
    assert int(suite.get("tests")) == len(cases)
    return cases


@pytest.mark.parametrize(
    ("status", "strict", "tag"),
    [
        ("pass", False, None),
        ("pass", True, None),
        ("within_margin", False, "system-out"),
        ("within_margin", True, "failure"),
        ("fail", False, "failure"),
        ("unexpected_pass", False, "failure"),
        ("inconclusive", False, "failure"),
        ("error", False, "error"),
        ("not_applicable", False, "skipped"),
        ("known_failure", False, "skipped"),
    ],
)
def test_the_outcome_of_each_status(status, strict, tag):
    (case,) = rendered(result(Status(status), reason="the reason"), strict=strict)
    assert [child.tag for child in case] == ([] if tag is None else [tag])
    assert (case.get("classname"), case.get("name"), case.get("time")) == ("mine.py:one", "unbiased/a", "1.500")


def test_inconclusive_says_so_first():
    (case,) = rendered(result(Status.inconclusive))
    assert case[0].text.startswith("INCONCLUSIVE") and case[0].get("message").startswith("INCONCLUSIVE")


def test_a_known_failure_is_an_xfail_and_a_skip_has_its_reason():
    known, skipped = rendered(
        result(Status.known_failure, reason="BUG-7"), result(Status.not_applicable, reason="no torch", message="")
    )
    assert (known[0].get("type"), known[0].get("message")) == ("pytest.xfail", "BUG-7")
    assert (skipped[0].get("type"), skipped[0].get("message"), skipped[0].text) == (
        "pytest.skip",
        "no torch",
        "no torch",
    )


def test_an_interrupted_run_is_not_green():
    cases = rendered(result(Status.pass_), interrupted=True, planned=3)
    assert cases[-1][0].tag == "error" and "after 1 of 3" in cases[-1][0].text


def test_hostile_names_stay_text():
    hostile = "]]>\"'&<testcase/>\x00\x1b[31m\ud800 é ☃\U0001f600"
    (case,) = rendered(result(Status.fail, case=hostile, message=f"{hostile}\n\x07"))
    assert case.get("name") == "]]>\"'&<testcase/>\\u0000\\u001b[31m\\ud800 é ☃\U0001f600"
    assert case[0].text.endswith("\\u0007")
