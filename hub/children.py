"""Processes that live as long as their parent: what dies uninvited is started again.

All are siblings in their parent's session and process group. The kernel kills them when the parent
itself is killed, so that nothing keeps a port or a FIFO for ever.
"""

import asyncio
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

LOOK_S = 0.1
AGAIN_S = 1.5  # from one start to the next at least, or a wrong configuration would spin
HUB_STOPS_WITHIN_S = 4.0
STOPS_WITHIN_S = 2.0
STOP_LOOK_S = 0.02
PR_SET_PDEATHSIG = 1
PIPE_BYTES = 1 << 20  # a line of a board's panel is below 1 KB

_libc = ctypes.CDLL(None, use_errno=True)


class Child:
    """One process. `argv`; `log`: where what it says goes; `heard`: called with each line of its
    stdout, which goes to the log otherwise."""

    def __init__(
        self,
        name: str,
        argv: Sequence[str],
        log: Path,
        heard: Callable[[bytes], None] | None = None,
    ) -> None:
        self.name = name
        self.argv = list(argv)
        self.log = log
        self.heard = heard
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.reading: asyncio.Task[None] | None = None
        self.held = False  # somebody wants it down

    def start(self) -> None:
        """Raises OSError when it cannot be run."""
        parent = os.getpid()

        def die_with_parent() -> None:
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:  # it was killed before the line above
                os._exit(1)

        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if self.heard else log,
                stderr=log,
                preexec_fn=die_with_parent,  # two system calls: no lock that a fork may hold
            )
        self.started = time.monotonic()
        if self.heard:
            self.reading = asyncio.create_task(self._read(self.process))

    def ended(self) -> int | None:
        """Its exit code (-9: killed by signal 9), None while it lives, also while it is frozen."""
        return self.process.poll() if self.process else None

    def state(self) -> str:
        """running, frozen or dead."""
        if self.process is None or self.process.poll() is not None:
            return "dead"
        try:
            stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        except OSError:
            return "running"
        return "frozen" if stat.rpartition(")")[2].split()[0] in "tT" else "running"

    def signal(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def said(self) -> str:
        """The last line of its log."""
        lines = self.log.read_text("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    async def _read(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout and self.heard
        reader = asyncio.StreamReader(PIPE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), process.stdout
        )
        while line := await reader.readline():
            self.heard(line)


class Children:
    """The processes of one box, in the order of their start. `told` hears what a person should;
    a child that is `held` stays down."""

    def __init__(self, told: Callable[[str, int], None]) -> None:
        self.told = told
        self.all: list[Child] = []
        self.stopping = False

    def start(self, child: Child) -> Child:
        """Raises OSError when it cannot be run."""
        child.log.write_bytes(b"")
        child.start()
        self.all.append(child)
        return child

    async def watch(self) -> None:
        """Start again what dies, until `stop`."""
        while not self.stopping:
            for child in self.all:
                code = child.ended()
                if code is None or child.held:
                    continue
                if time.monotonic() - child.started >= AGAIN_S:
                    try:
                        child.start()
                    except OSError:
                        child.started = time.monotonic()  # no memory, no handles: soon again
                        continue
                    self.told(child.name, code)
            await asyncio.sleep(LOOK_S)

    async def stop(self, first: Child | None) -> None:
        """End all of them within 8 s: `first` (the hub) politely, so that the others' end is not
        a loss it would have to record; what does not listen is killed."""
        self.stopping = True
        if first:
            await self._end([first], HUB_STOPS_WITHIN_S)
        await self._end(self.all, STOPS_WITHIN_S)

    async def _end(self, children: list[Child], within_s: float) -> None:
        for child in children:
            child.signal(signal.SIGTERM)
            child.signal(signal.SIGCONT)  # a frozen one hears nothing else
        for _ in range(round(within_s / STOP_LOOK_S)):
            if all(child.ended() is not None for child in children):
                break
            await asyncio.sleep(STOP_LOOK_S)
        for child in children:
            child.signal(signal.SIGKILL)
        for child in children:
            if child.process:
                child.process.wait()
            if child.reading:
                await child.reading
