"""The same cases on a Dask cluster; a worker that is lost loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from fsb_oracle.errors import UsageError
from fsb_oracle.runs.plan import RunPlan
from fsb_oracle.runs.workers import AHEAD, Assignment, Numbered, dead, decide_numbers, in_chunks

TIMEOUT = 5.0  # seconds in which a scheduler must answer


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """A client of the scheduler at `address`, which has at least one worker.

    Raises:
        UsageError: Dask is not installed, nothing answers there, or there is no worker.
    """
    if find_spec("distributed") is None:
        raise UsageError("--dask needs Dask: pip install 'fsb-oracle[dask]'")
    from distributed import Client  # pyright: ignore[reportMissingImports]

    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # one sentence is enough
    try:
        client = Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        why = str(error).partition("\n")[0] if isinstance(error, ValueError) else f"none in {TIMEOUT:g} seconds"
        raise UsageError(f"no answer from a Dask scheduler at {address!r} ({why}): start one: dask scheduler") from None
    try:
        if not client.scheduler_info()["workers"]:
            raise UsageError(f"the Dask scheduler at {address!r} has no workers: start some: dask worker {address}")
        yield client
    finally:
        client.close()


def decided_on_cluster(
    plan: RunPlan, assignment: Assignment, numbers: Sequence[int], client: Any, address: str
) -> Generator[Numbered]:
    """`(number of the case in the plan, result)` as cases finish on the workers.

    Dask runs the chunks of a lost worker again; a chunk that lost several is split, so that one case is to blame.

    Raises:
        UsageError: the scheduler was lost, or a worker finds another plan.
    """
    from distributed import as_completed  # pyright: ignore[reportMissingImports]
    from distributed.scheduler import KilledWorker  # pyright: ignore[reportMissingImports]

    workers = len(client.scheduler_info(n_workers=-1)["workers"])
    waiting, most = in_chunks(plan, numbers, workers)[::-1], AHEAD * workers
    running: dict[Any, list[int]] = {}

    def submit() -> Any:
        chunk = waiting.pop()
        future = client.submit(decide_numbers, assignment, chunk, pure=False)
        running[future] = chunk
        return future

    first = [submit() for _ in range(min(len(waiting), most))]
    completed = as_completed(first, loop=client.loop)
    try:
        for future in completed:
            chunk = running.pop(future)
            try:
                results = future.result()
            except KilledWorker:
                results = [(chunk[0], dead(plan, chunk[0]))] if len(chunk) == 1 else []
                waiting += [[number] for number in chunk[::-1] if len(chunk) > 1]
            except UsageError:
                raise
            except Exception as error:  # CancelledError, CommClosedError: the scheduler is gone
                raise UsageError(f"the Dask scheduler at {address!r} was lost: {type(error).__name__}") from None
            yield from results
            finished = {number for number, _ in results}
            left = [number for number in chunk if number not in finished]
            if results and left:
                waiting.append(left)
            while waiting and len(running) < most:
                completed.add(submit())
    finally:
        client.cancel(list(running))
