"""How do several processes answer on one port, and who takes the place of one that dies?

The parent holds the port and answers nothing itself. A child is forked before there is anything that a fork breaks (an
event loop, a thread, a connection), and opens its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

from deploy.garbage import settle
from deploy.stopping import STOPPING

# The setting that names the folder where several processes count their requests. The library of the figures looks for
# it when it is imported.
FIGURES_FOLDER = "PROMETHEUS_MULTIPROC_DIR"

_HANDLED = frozenset({*STOPPING, signal.SIGCHLD})
# A child takes ten seconds to finish its requests (deploy/serving.py), and some more to close its connections.
_SECONDS_TO_END = 15.0
# Who dies sooner than this after its start counts as one that could not start.
_SECONDS_TO_PROVE = 10.0
_SECONDS_BEFORE_RETRY = 0.1
_MOST_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Ties:
    """What binds a child to its parent: where it says that it is ready, and what ends when the parent does."""

    ready: int
    life: int

    def tell_ready(self) -> None:
        """Tell the parent that requests are answered; from now on, end when the parent ends. Within the event loop."""
        os.write(self.ready, b".")
        asyncio.get_running_loop().add_reader(self.life, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self.life)
        os.kill(os.getpid(), signal.SIGTERM)


@dataclass(slots=True)
class Processes:
    """A number of children that share a listener and run the same."""

    run: Callable[[Ties], None]
    listener: socket.socket
    count: int
    tell: Callable[[str], None]
    # When each was started, by its process id.
    _children: dict[int, float] = field(default_factory=dict)
    _ready_count: int = 0
    _failure_count: int = 0
    _next_start: float = 0.0
    _is_stopping: bool = False
    _status: int = 0
    _former: dict[signal.Signals, Any] = field(default_factory=dict)
    # Pipes, their two ends each: what wakes the parent, children that are ready, that the parent lives.
    _woken: tuple[int, int] = field(default_factory=os.pipe)
    _ready: tuple[int, int] = field(default_factory=os.pipe)
    _life: tuple[int, int] = field(default_factory=os.pipe)

    def serve(self, *, on_ready: Callable[[], None]) -> int:
        """Keep the children running until a signal comes or none can be started; give the exit status.

        One is started before the others, so that what is wrong with the database is told once.
        """
        settle()
        is_ready = False
        with self._catching_signals():
            while not self._is_stopping:
                self._start_missing()
                self._wait(self._seconds_to_next_start())
                if not is_ready and self._ready_count >= self.count:
                    is_ready = True
                    on_ready()
            self._end()
        return self._status

    @contextlib.contextmanager
    def _catching_signals(self) -> Iterator[None]:
        os.set_blocking(self._woken[1], False)
        self._former = {number: signal.signal(number, _note) for number in _HANDLED}
        signal.set_wakeup_fd(self._woken[1], warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in self._former.items():
                signal.signal(number, handler)

    # --- waiting -------------------------------------------------------------------------------------------------

    def _wait(self, seconds: float | None) -> None:
        for end in select.select([self._woken[0], self._ready[0]], [], [], seconds)[0]:
            came = os.read(end, 4096)
            if end == self._ready[0]:
                self._ready_count += len(came)
            elif set(STOPPING) & set(came):
                self._is_stopping = True
        for process_id in list(self._children):
            ended, status = os.waitpid(process_id, os.WNOHANG)
            if ended:
                self._note_end(process_id, os.waitstatus_to_exitcode(status))

    def _note_end(self, process_id: int, code: int) -> None:
        lived = time.monotonic() - self._children.pop(process_id)
        status = code if code >= 0 else 128 - code
        if self._is_stopping:
            self._status = self._status or status
            return
        self._failure_count = self._failure_count + 1 if lived < _SECONDS_TO_PROVE else 0
        if not self._ready_count or self._failure_count > _MOST_FAILURES:
            # Why, it has told itself.
            self._is_stopping, self._status = True, status or 1
            return
        self._next_start = time.monotonic() + _SECONDS_BEFORE_RETRY * 2**self._failure_count
        self.tell(f"process {process_id} ended with status {status}; another takes its place")

    # --- starting ------------------------------------------------------------------------------------------------

    @property
    def _missing_count(self) -> int:
        return (self.count if self._ready_count else 1) - len(self._children)

    def _seconds_to_next_start(self) -> float | None:
        return max(0.0, self._next_start - time.monotonic()) if self._missing_count else None

    def _start_missing(self) -> None:
        if time.monotonic() >= self._next_start:
            for _ in range(self._missing_count):
                self._start()

    def _start(self) -> None:
        # What is buffered now would be written twice.
        sys.stdout.flush()
        sys.stderr.flush()
        # A signal that comes before the child has handlers of its own waits until it has.
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, _HANDLED)
        process_id = os.fork()
        if process_id == 0:
            self._be_child(mask)
        self._children[process_id] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def _be_child(self, mask: set[int | signal.Signals]) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number, handler in self._former.items():
                signal.signal(number, handler)
            for end in (*self._woken, self._ready[0], self._life[1]):
                os.close(end)
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            self.run(Ties(self._ready[1], self._life[0]))
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else 1
        except BaseException:  # noqa: BLE001 - nothing of the child may get into the parent's part of the program.
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    # --- ending --------------------------------------------------------------------------------------------------

    def _end(self) -> None:
        """Let the children finish what they answer. Nobody new is let in."""
        self.listener.close()
        self._send(signal.SIGTERM)
        deadline = time.monotonic() + _SECONDS_TO_END
        while self._children and time.monotonic() < deadline:
            self._wait(max(0.0, deadline - time.monotonic()))
        self._send(signal.SIGKILL)
        while self._children:
            self._wait(1.0)

    def _send(self, number: signal.Signals) -> None:
        # Each is still ours: it is gone only once it was waited for.
        for process_id in self._children:
            os.kill(process_id, number)


def _note(_number: int, _frame: FrameType | None) -> None:
    """Let a signal wake the parent, and do nothing else."""
