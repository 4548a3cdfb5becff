"""Seeds: every random number comes from a key derived from the run's seed and the case id, so that each case
can be replayed alone, in any order, on any worker. There is no global generator and no clock."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from hashlib import blake2b

import numpy as np

from fsb_oracle.errors import UsageError

__all__ = ["Stage", "generator", "jax_words", "sequence", "torch_seed", "words"]


class Stage(IntEnum):
    """What the numbers are for; stages of a case are independent."""

    pilot = 0
    main = 1
    frequencies = 2
    replicates = 3
    twin_noise = 4


@lru_cache(maxsize=64)  # asked for with each block
def words(case_id: str) -> tuple[int, int, int, int]:
    """The 128-bit BLAKE2b digest of the id as four 32-bit words."""
    digest = blake2b(case_id.encode(), digest_size=16).digest()
    a, b, c, d = (int.from_bytes(digest[i : i + 4], "little") for i in (0, 4, 8, 12))
    return a, b, c, d


def sequence(case_id: str, root_seed: int = 0, stage: Stage = Stage.main, block: int = 0) -> np.random.SeedSequence:
    """The seed sequence of one block of one stage of a case. Raises UsageError if a number is negative."""
    if root_seed < 0 or block < 0:
        raise UsageError(f"seed {root_seed!r} and block {block!r} must not be negative")
    return np.random.SeedSequence(root_seed, spawn_key=(*words(case_id), int(stage), block))


def generator(case_id: str, root_seed: int = 0, stage: Stage = Stage.main, block: int = 0) -> np.random.Generator:
    """A NumPy generator (Philox, the same stream on every platform) for one block."""
    return np.random.Generator(np.random.Philox(sequence(case_id, root_seed, stage, block)))


def torch_seed(seeds: np.random.SeedSequence) -> int:
    """An unsigned 64-bit integer for `torch.Generator.manual_seed`."""
    return int(seeds.generate_state(1, np.uint64)[0])


def jax_words(seeds: np.random.SeedSequence) -> tuple[int, int]:
    """Two unsigned 32-bit words, the data of a JAX key."""
    high, low = seeds.generate_state(2, np.uint32)
    return int(high), int(low)
