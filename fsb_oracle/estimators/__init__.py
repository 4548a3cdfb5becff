"""Rules and baselines lowered to the back ends, and the public face `fourier`."""
