"""The statistics of a verdict: pure functions of numbers, which know nothing of families, estimators or back
ends."""
