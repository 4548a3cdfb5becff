"""Test functions f: read from text, differentiated, split at kinks and jumps, transformed."""

from fsb_oracle.integrands.integrand import CLASS_WORDS, NAMED, Integrand, SmoothnessClass, integrand, plane_wave

__all__ = ["CLASS_WORDS", "NAMED", "Integrand", "SmoothnessClass", "integrand", "plane_wave"]
