"""Jobs done by several processes of this machine."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from .commands import Commands
from .job import Job
from .work import Outcome, Place, do

ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
# Begun anew: a copy of this process would have its threads' locks and none of its threads.
_SPAWN = multiprocessing.get_context("spawn")


def do_here(jobs: Iterable[Job], place: Place, commands: Commands, processes: int) -> Iterator[Outcome]:
    """Does jobs and gives their outcomes as they come in: in this process for 1, else in so many, a thread each.

    A process that dies over a job (killed, out of memory) fails that job alone. When the iterator is closed (Ctrl-C),
    so are they.
    """
    if processes == 1:
        yield from (do(job, place, commands) for job in jobs)
        return
    waiting = deque(jobs)
    workers = [_Worker(place, commands) for _ in range(min(processes, len(waiting)))]
    try:
        for worker in workers:
            worker.begin(waiting.popleft())
        while busy := {worker.pipe: worker for worker in workers if worker.job is not None}:
            for pipe in wait(list(busy)):
                worker = busy[pipe]
                yield worker.outcome()
                if waiting:
                    worker.begin(waiting.popleft())
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """A process and the job that it has now; begun again after it died."""

    def __init__(self, place: Place, commands: Commands) -> None:
        self.place, self.commands = place, commands
        self.job: Job | None = None
        self.process: BaseProcess | None = None
        self.pipe: Any = None

    def begin(self, job: Job) -> None:
        if self.process is None:
            self._start()
        self.job = job
        with contextlib.suppress(OSError):  # it died meanwhile: seen at the pipe's end
            self.pipe.send(job)

    def outcome(self) -> Outcome:
        """What the process says of its job. Asked for when there is something in the pipe, or its end."""
        assert self.job is not None
        job, self.job = self.job, None
        try:
            outcome: Outcome = self.pipe.recv()
            return outcome
        except (EOFError, OSError):
            code = self._ended()
        return Outcome(job.name, job.digest, error=f"its process died ({code}); it may need more memory: try --jobs 1")

    def end(self) -> None:
        """Stops the process, in the middle of a file if need be: that is not seen under its name then."""
        if self.process is not None:
            self.process.terminate()
            self._ended()

    def _start(self) -> None:
        self.pipe, theirs = _SPAWN.Pipe()
        self.process = _SPAWN.Process(target=_work, args=(theirs, self.place, self.commands), daemon=True)
        with _deaf(), _one_thread():
            self.process.start()
        theirs.close()  # else nobody sees its end

    def _ended(self) -> str:
        assert self.process is not None
        self.process.join()
        code = self.process.exitcode or 0
        self.pipe.close()
        self.process = None
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _work(pipe: Connection, place: Place, commands: Commands) -> None:
    """A process's life: job after job, until nobody is at the other end."""
    with contextlib.suppress(EOFError, OSError):
        while True:
            pipe.send(do(pipe.recv(), place, commands))


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Processes begun inside do not hear Ctrl-C; who began them ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Processes begun inside count with one thread each: there are as many as cores."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
