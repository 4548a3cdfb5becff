"""f as an expression: what a plane wave is told of itself is what would be found out."""

from fractions import Fraction

import pytest
import sympy

from fsb_oracle.families.family import z
from fsb_oracle.integrands import Integrand, plane_wave


@pytest.mark.parametrize("sine", [False, True])
@pytest.mark.parametrize("phase", ["0.4", "0", "6.283", "1234567/8388608"])
def test_a_plane_wave_knows_what_would_be_found_out(phase, sine):
    argument = sympy.Rational("0.73") * z + sympy.Rational(phase)
    plain = Integrand((sympy.sin if sine else sympy.cos)(argument))
    wave = plane_wave(Fraction("0.73"), Fraction(phase), sine)
    assert wave == plain and hash(wave) == hash(plain) and wave.text == plain.text
    assert [wave.derivative(order) for order in range(1, 5)] == [plain.derivative(order) for order in range(1, 5)]
    assert (wave.smoothness, wave.breakpoints, wave.has_breaks) == ("Fw", (), False)
    assert (plain.smoothness, plain.breakpoints, plain.has_breaks) == ("Fw", (), False)
