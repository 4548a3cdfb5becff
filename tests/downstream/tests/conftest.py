import pytest

import fsb_oracle


@pytest.fixture(scope="session")
def record():
    """Everything that is found out about the right estimator of the shape, whose profile pyproject.toml sets."""
    return fsb_oracle.verify("rain_gradients.estimators:smoothed_shape", select="*/sin3/*")
