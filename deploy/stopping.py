"""By what is a process told to end? By signals that are heard between two steps of its loop.

Raised within one, the end might get lost in a library's hands.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def hearing(end: Callable[[int], object]) -> Iterator[None]:
    """Call `end` with the number of each signal that tells to end, while the block runs."""
    loop = asyncio.get_running_loop()
    for number in STOPPING:
        loop.add_signal_handler(number, end, number)
    try:
        yield
    finally:
        for number in STOPPING:
            loop.remove_signal_handler(number)
