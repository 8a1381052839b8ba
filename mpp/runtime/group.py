"""A group of processes: started in stages, looked after, and stopped together within five seconds."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from mpp.runtime import processes
from mpp.runtime.errors import RuntimeTrouble
from mpp.runtime.places import Account

TICK = 0.05
BACK_OFF = 1.0
DEATHS_ALLOWED = 5
DEATHS_WITHIN = 60.0
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TROUBLE = re.compile(rb'\b(ERROR|CRITICAL)\b|^Traceback|"level": ?"(error|critical)"')
PLAIN = re.compile(rb"\b(DEBUG|INFO|WARNING)\b")


@dataclass(frozen=True)
class Child:
    """One process of the group, as data.

    `before` runs ahead of every start; `ready` says when the next stage may begin. A child that ends by
    itself (`once`) is ready when it has ended well; a `patient` one starts once the rest of its
    stage is ready. `echo` repeats a child's errors on the terminal.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    account: Account | None = None
    directory: Path = Path("/")
    stop: processes.Escalation = ((signal.SIGTERM, 2.5),)
    last_signal: signal.Signals = signal.SIGKILL
    before: Callable[[], None] | None = None
    ready: Callable[[], bool] | None = None
    ready_seconds: float = 60.0
    once: bool = False
    patient: bool = False
    echo: bool = False


class StopAsked(Exception):
    """Ctrl-C, SIGTERM, or the terminal has gone."""


@dataclass
class _Running:
    child: Child
    log: Path
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=deque)
    start_at: float = 0.0
    read_to: int = 0
    echoing: bool = False

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.returncode is None

    @property
    def is_ready(self) -> bool:
        if self.child.once:
            return self.process is not None and self.process.returncode == 0
        return self.alive and (self.child.ready is None or self.child.ready())


class Group:
    """Run stages of children until asked to stop; `say` reaches the person at the terminal."""

    def __init__(
        self,
        stages: Sequence[Sequence[Child]],
        *,
        log: Path,
        say: Callable[[str], None],
        back_off: float = BACK_OFF,
    ) -> None:
        self.back_off = back_off
        self.stages = [stage for stage in stages if stage]
        self.log = log
        self.say = say
        self._running: list[list[_Running]] = []
        self._stop_asked = False

    def run(self, announce: Callable[[], None]) -> None:
        """Start all stages, call `announce`, and look after the children until a signal asks to stop.

        Raises RuntimeTrouble naming the child that cannot be kept alive. Nothing is left running either way.
        """
        with self._signals():
            try:
                for stage in self.stages:
                    self._start_stage(stage)
                announce()
                while True:
                    self._step()
            except StopAsked:
                self.say("Berhenti…")
            finally:
                self._stop_all()

    def _start_stage(self, stage: Sequence[Child]) -> None:
        self._running.append([])
        for patient in (False, True):
            self._start_together([child for child in stage if child.patient is patient])

    def _start_together(self, children: Sequence[Child]) -> None:
        waiting = [_Running(child, self.log / f"{child.name}.log") for child in children]
        self._running[-1] += waiting
        deadline = time.monotonic() + max((child.ready_seconds for child in children), default=0)
        while waiting:
            self._step()
            waiting = [each for each in waiting if not each.is_ready]
            if waiting and time.monotonic() > deadline:
                raise self._trouble(waiting[0], "belum juga siap")

    def _step(self) -> None:
        """One look at every child, then a short rest."""
        for each in self._each():
            self._look_after(each)
        if self._stop_asked:
            raise StopAsked
        time.sleep(TICK)

    def _look_after(self, each: _Running) -> None:
        if each.child.echo:
            self._repeat_errors(each)
        if each.process and each.alive:
            if each.process.poll() is not None:
                self._note_death(each, each.process)
        elif time.monotonic() >= each.start_at and not (each.child.once and each.process):
            self._start(each)

    def _start(self, each: _Running) -> None:
        if each.child.before:
            each.child.before()
        with processes.open_log(each.log) as output:
            each.read_to = output.tell()
            each.process = processes.start(
                each.child.command,
                output=output,
                account=each.child.account,
                environment=each.child.environment,
                directory=each.child.directory,
                last_signal=each.child.last_signal,
            )

    def _note_death(self, each: _Running, process: subprocess.Popen[bytes]) -> None:
        processes.kill_session(process)
        if each.child.once:
            if process.returncode != 0:
                raise self._trouble(each, "gagal")
            return
        now = time.monotonic()
        each.deaths.append(now)
        while now - each.deaths[0] > DEATHS_WITHIN:
            each.deaths.popleft()
        if len(each.deaths) > DEATHS_ALLOWED:
            raise self._trouble(each, f"mati {len(each.deaths)} kali dalam semenit")
        each.start_at = now + self.back_off
        self.say(f"{each.child.name} mati (kode {process.returncode}), dijalankan lagi.")

    def _trouble(self, each: _Running, what: str) -> RuntimeTrouble:
        said = processes.last_lines(each.log)
        return RuntimeTrouble(
            f"{each.child.name} {what}. Semua dihentikan.\nCatatan terakhirnya ({each.log}):\n{said}"
        )

    def _repeat_errors(self, each: _Running) -> None:
        """Repeat new log lines from an error on, up to the next line of a lower level."""
        if not each.log.exists() or each.log.stat().st_size <= each.read_to:
            return
        with each.log.open("rb") as log:
            log.seek(each.read_to)
            for line in log.readlines():
                if not line.endswith(b"\n"):
                    break
                each.read_to += len(line)
                each.echoing = bool(TROUBLE.search(line)) or (each.echoing and not PLAIN.search(line))
                if each.echoing:
                    self.say(f"{each.child.name}: {line.decode(errors='replace').rstrip()}")

    def _stop_all(self) -> None:
        """Stop the stages in reverse order."""
        while self._running:
            alive = [each for each in self._running.pop() if each.alive]
            processes.stop([(each.process, each.child.stop) for each in alive if each.process])

    def _each(self) -> Iterator[_Running]:
        for stage in self._running:
            yield from stage

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def ask(signum: int, frame: FrameType | None) -> None:
            self._stop_asked = True

        # nohup leaves SIGHUP ignored, and that is meant. An ignored SIGINT is only a shell's background job.
        wanted = [
            s for s in STOP_SIGNALS if not (s == signal.SIGHUP and signal.getsignal(s) == signal.SIG_IGN)
        ]
        before = {signum: signal.signal(signum, ask) for signum in wanted}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)
