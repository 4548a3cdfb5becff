"""pytest suites run against estimators: a red suite is news about an estimator, not about the oracle."""
