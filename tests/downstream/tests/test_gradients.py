"""Our gradients are right: as tests of their own (`check`), and by the record of a run."""

from rain_gradients.estimators import cheap_shape, leave_one_out, smoothed_shape

import fsb_oracle
from fsb_oracle.records import exit_code


@fsb_oracle.parametrize_with_checks([smoothed_shape, cheap_shape], select="unbiased/*/sin3/*")
def test_the_shape(check):
    check()


@fsb_oracle.parametrize_with_checks([leave_one_out], select="unbiased/*/logits.0/sin3/*float64")
def test_the_weather(check, estimator):
    assert estimator == "rain_gradients.estimators:leave_one_out"
    check(estimator)


def test_the_record_of_a_run(record):
    assert exit_code(record) == 0
    assert record.run["seed"] == 7
    assert {result.variance_class for result in record.results} >= {"R"}


def test_the_command_line_reads_a_file_and_writes_junit(tmp_path, monkeypatch):
    from fsb_oracle.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.py").write_text(
        "from fsb_oracle import estimator\n\n\n"
        "@estimator(family='normal', parameters=['loc'], points=[{'loc': 0, 'scale': 1}])\n"
        "def wrong(params, f, num_samples, rng):\n"
        "    return {'loc': 2 * f.derivative(params['scale'] * rng.standard_normal(num_samples))}\n"
    )
    assert main(["verify", "wrong.py", "--profile", "smoke", "--select", "unbiased/*relu*", "--junit", "out.xml"]) == 1
    assert '<failure type="fail" message="BIASED' in (tmp_path / "out.xml").read_text()
