"""The same numbers by mpmath's quadrature, software independent of the ball integrator."""
