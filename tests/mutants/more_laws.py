"""Named faults in the rules of the further laws, each of one line."""

from __future__ import annotations

from fsb_oracle.backends.noise import Rayleigh

from .mutant import Mutant, letters, moved, noisy, times


def _half(c):
    return c.math.rational(1, 2)


MORE = (
    # continuous laws with a location and a scale
    times("LOG-mu-L", "factor 1/4 dropped", "F42", lambda c: 4),
    times("LOG-s-U", "log 2 dropped", "F42", lambda c: 1 / c.math.log(c.math.rational(2, 1))),
    noisy("LOG-s-K", "u replaced by 1/2", "u replaced by 1/2", u=lambda c, n: _half(c)),
    Mutant("LOG-s-path", "location not subtracted", lambda f, c, z: z / c.s * f.derivative(z), "F28"),
    Mutant(
        "GUM-be-D2",
        "first-order term dropped",
        lambda f, c, z, x: c.math.pi**2 * c.beta / 6 * f.derivative(z + c.beta * x, 2),
        "D: correction dropped",
    ),
    noisy("GUM-mu-L", "layers swapped", "F02", above=lambda c, n: n.below, below=lambda c, n: n.above),
    times("GUM-be-K", "scale squared", "F13", lambda c: 1 / c.beta),
    times("CAU-x0-L", "half the density at the mode", "F42", _half),
    times("CAU-g-K", "divided by the scale twice", "F13", lambda c: 1 / c.gamma),
    noisy("STU-sig-K", "exponent doubled", "F05", e=lambda c, n: 2 * n.e),
    Mutant(
        "STU-nu-A",
        "velocity term dropped",
        lambda f, c, z, t, u: (z - c.mu) * f.derivative(z) / (2 * c.nu),
        "D: correction dropped",
    ),
    letters("STU-nu-SM", "df off by one", "F05", nu=lambda c: c.nu + 1),
    times("ALA-b1-U", "the other scale", "F05", lambda c: c.b2 / c.b1),
    Mutant("ALA-mu-L", "symmetric shift", lambda f, c, e: (
        (f(c.mu + c.b1 * e) - f(c.mu - c.b1 * e)) / (c.b1 + c.b2)
    ), "F05"),
    Mutant("ALA-b1-SB", "weight of the plain shift", lambda f, c, z, g: (f(z + c.b1 * g) - f(z)) / c.b1, "trap 2"),
    times("VM-k-P", "factor 1/2 dropped", "F42", lambda c: 2),
    Mutant("VM-mu-D", "value for derivative", lambda f, c, z: f(z), "F03"),
    # positive laws
    Mutant("LGN-mu-D", "Jacobian dropped", lambda f, c, z: f.derivative(z), "F01"),
    Mutant("LGN-sig-D2", "chain rule's first-order term dropped", lambda f, c, z: (
        c.sigma * z**2 * f.derivative(z, 2)
    ), "F01"),
    Mutant("LGN-mu-L", "not exponentiated", lambda f, c, y: (
        (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * y)) / (c.sigma * c.math.sqrt(2 * c.math.pi))
    ), "F01"),
    times("WEI-k-path", "shape for shape squared", "F05", lambda c: c.k),
    letters("WEI-lam-L", "rate for scale", "F05", lam=lambda c: 1 / c.lam),
    letters("WEI-k-D2", "Euler's constant negated", "F02", k=lambda c: -c.k),
    letters("PAR-xm-D", "rate for scale", "F05", xm=lambda c: 1 / c.xm),
    Mutant("PAR-xm-P", "boundary term missing", lambda f, c, z: c.al / c.xm * f(z), "F29"),
    Mutant("PAR-al-S", "shift without the index", lambda f, c, z, e: (f(z) - f(z * c.math.exp(e))) / c.al, "F05"),
    times("FRE-al-K", "index squared", "F05", lambda c: 1 / c.alpha),
    times("FRE-s-L", "e dropped", "F42", lambda c: c.math.exp(c.math.rational(1, 1))),
    times("LLO-al-Ua", "index for index squared", "F05", lambda c: c.alpha),
    times("LLO-s-L", "factor 1/4 dropped", "F42", lambda c: 4),
    noisy("IG-mu-U", "factor 2 of the jump dropped", "F05", g=lambda c, n: n.g / 2),
    times("IG-mu-S", "mean for mean squared", "F05", lambda c: c.mu),
    noisy("IG-lam-A2", "noise reused: g for e", "trap 11", e=lambda c, n: n.g),
    Mutant("IGA-k-SM", "V for 1/V", lambda f, c, z, e: (
        (f(z) - f(z * c.math.exp(-e / c.k))) / (c.k * (1 - c.math.exp(-e / c.k)))
    ), "F02"),
    times("IGA-s-D", "rate for scale", "F05", lambda c: c.s**2),
    noisy("CHI-nu-U", "factor 2 of the jump dropped", "F05", e=lambda c, n: n.e / 2),
    times("NCX-lam-S", "factor 1/2 dropped", "F42", lambda c: 2),
    noisy("NCX-nu-U", "u removed", "u replaced by a number", u=lambda c, n: 1),
    noisy("CHIR-nu-SB", "exponent doubled", "F05", e=lambda c, n: 2 * n.e),
    times("NAK-sig-S", "spread for its square", "F05", _half),
    times("RAY-sig-D", "scale squared", "F13", lambda c: 1 / c.sigma),
    Mutant("HNO-sig-D", "value for derivative", lambda f, c, z: z / c.sigma * f(z), "F03"),
    # laws on (0, 1) and their odds
    times("BET-a-V", "normaliser a for a + b", "F01", lambda c: (c.a + c.b) / c.a),
    noisy("BET-b-M", "u replaced by 1/2", "u replaced by 1/2", u=lambda c, n: _half(c)),
    letters("BET-a-Sfin", "concentrations swapped", "F05", a=lambda c: c.b, b=lambda c: c.a),
    Mutant("BPR-a-SM", "odds for their inverse", lambda f, c, z, e: (
        (f(z) - f(z * c.math.exp(e / c.a))) / (c.a * (1 - c.math.exp(-e / c.a)))
    ), "F02"),
    # Lévy laws
    times("STA-delta", "divided by the scale", "F13", lambda c: 1 / c.c),
    times("STA-c", "scale for 1", "F05", lambda c: c.c),
    times("TS-l-SB", "power of the rate off by one", "F05", lambda c: c.l),
    noisy("TS-C-A", "u replaced by 1/2", "u replaced by 1/2", u=lambda c, n: _half(c)),
    noisy("VG-th", "negative jumps forgotten", "F02", ee=lambda c, n: 0 * n.ee),
    times("VG-sg", "scale squared", "F13", lambda c: c.sigma),
    noisy("VG-nu-A", "noise reused: one jump for both", "trap 11", ee=lambda c, n: n.e),
    letters("NIG-al", "skewness dropped", "F24", beta=lambda c: 0 * c.beta),
    # lattices
    times("BIN-p-A", "one trial lost", "F06", lambda c: (c.n - 1) / c.n),
    times("BIN-p-GO", "1 - p dropped", "F05", lambda c: 1 - c.p),
    times("GEO-p-A", "p for p squared", "F05", lambda c: c.p),
    Mutant("GEO-p-S", "trials for failures", lambda f, c, z, x: (f(z) - f(z + x)) / c.p, "trap 9"),
    times("NB-r-S", "log of the other probability", "F05", lambda c: c.math.log(1 - c.p) / c.math.log(c.p)),
    noisy("NB-r-U", "j replaced by 0", "u replaced by a number", j=lambda c, n: 0 * n.j),
    times("NB-p-S", "total count dropped", "F06", lambda c: 1 / c.r),
    Mutant("SKE-mu2", "sign of the shift dropped", lambda f, c, z: f(z + 1) - f(z), "F02"),
    times("LOS-q-P", "normaliser dropped", "F01", lambda c: -c.math.log(1 - c.q)),
    # faults that no ball arithmetic runs
    moved(
        "NOR-sig-Upm", "support clamped", "F19", lambda c, x: c.math.maximum(x, c.mu - c.sigma), provable=False
    ),
    moved("GAM-k-SB", "value at the clamped sample", "F20", lambda c, x: c.math.maximum(x, 0.1), provable=False),
    times("GAM-k-U", "5 % off beyond a switch at shape 8", "F17", lambda c: (
        c.math.where(c.k > 8, 1.05, 1.0)
    ), provable=False),
    # the mean stays right
    Mutant(
        "NOR-mu-L",
        "coupling lost",
        lambda f, c, y, x: (f(c.mu + c.sigma * y) - f(c.mu - c.sigma * x)) / (c.sigma * c.math.sqrt(2 * c.math.pi)),
        "F42",
        noise={"x": Rayleigh()},
        second_moment=True,
    ),
    Mutant(
        "BIN-p-A",
        "a constant that does not cancel",
        lambda f, c, z, x: c.n * (f(x + 1) - f(x)) + 10 * (z - c.n * c.p),
        "D: wrong constant",
        second_moment=True,
    ),
    Mutant(
        "EXP-s-S",
        "score added as a control variate of the wrong size",
        lambda f, c, z, e: (f(z + c.s * e) - f(z)) / c.s + (z / c.s - 1),
        "D: wrong constant",
        second_moment=True,
    ),
)  # fmt: skip
