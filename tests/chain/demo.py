"""A whole demo as a test sees it: its printed lines, its processes, its boards, its keys."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN_S = 120  # the first start may have to fetch Mosquitto and MicroPython


class CannotStart(Exception):
    """The demo ended with 2: the text is its sentence."""


class Demo:
    """`./qianshao demo` in a session of its own, so that whatever it leaves behind is found."""

    def __init__(self, data: Path, *arguments: str, ignore_sigint: bool = False) -> None:
        self.data = data
        self.log = data.with_name(data.name + ".stderr")
        self.began = time.monotonic()
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command("demo"), "--no-browser", "--data", str(data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                env=environment(),
                start_new_session=True,
                preexec_fn=_ignore_sigint if ignore_sigint else None,
            )
        self.lines = self._until_ready()
        self.ready_s = time.monotonic() - self.began

    def _until_ready(self) -> list[str]:
        assert self.process.stdout
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line.decode().rstrip("\n"))
            if lines[-1].startswith("READY "):
                return lines
        self.process.stdout.close()
        raise CannotStart(f"{self.process.wait()}: {self.log.read_text()}")

    def line(self, begin: str) -> str:
        """The rest of the only line that begins so."""
        (found,) = [line for line in self.lines if line.startswith(begin)]
        return found[len(begin) :].strip()

    def press(self, *arguments: str) -> int:
        """The exit code of `./qianshao press`."""
        return self.run_press(*arguments).returncode

    def run_press(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [*command("press"), *arguments, "--data", str(self.data)],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=environment(),
            check=False,
            timeout=60,
        )

    def boards(self) -> dict[str, dict[str, Any]]:
        """What the street's page says of each board."""
        with urllib.request.urlopen(self.line("DEMO ") + "boards.json", timeout=5) as response:
            return {board["id"]: board for board in json.load(response)}

    def lamps(self, board: str) -> dict[str, str]:
        lamps: dict[str, str] = self.boards()[board]["lamps"]
        return lamps

    def pids(self) -> dict[int, list[str]]:
        """Every living process of the demo's session, and its command line."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    stat = (entry / "stat").read_text().rpartition(")")[2].split()
                    line = (entry / "cmdline").read_bytes().decode("utf-8", "replace")
                except OSError:
                    continue  # it has just ended
                if int(stat[3]) == self.process.pid and stat[0] != "Z":
                    found[int(entry.name)] = line.rstrip("\0").split("\0")
        return found

    def pid(self, name: str) -> int:
        """The process of the hub, of mosquitto, or of a board; 0 while there is none."""
        last = {"hub": "external", "mosquitto": "/mosquitto.conf"}.get(name, f"/boards/{name}")
        found = [pid for pid, argv in self.pids().items() if argv[-1].endswith(last)]
        assert len(found) <= 1, (name, found)
        return found[0] if found else 0

    def is_running(self, name: str) -> bool:
        return self.pid(name) != 0

    def send(self, name: str, number: signal.Signals) -> None:
        os.kill(self.pid(name), number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """-> the exit code. Raises TimeoutExpired after the 10 s it has."""
        self.process.send_signal(number)
        return self.process.wait(timeout=10)

    def kill(self) -> None:
        """Leave nothing, whatever a test has done to it."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def command(verb: str) -> list[str]:
    """As the launcher starts it; a test has its packages already."""
    return [sys.executable, "-m", "simulator", verb]


def environment() -> dict[str, str]:
    """English sentences, and whatever the caller has."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPATH": path}


def until(true: Callable[[], bool], within_s: float) -> float:
    """Seconds until it was true; AssertionError when it never was."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < within_s, f"not within {within_s} s"
        time.sleep(0.05)
    return time.monotonic() - began


def fits(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def _ignore_sigint() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
