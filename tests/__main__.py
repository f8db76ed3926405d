"""`./qianshao test` and `./qianshao bench`: tools, checks, tests, in that order."""

import argparse
import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
# what a test cannot do without -> (Debian's package, how one sees that it is there)
TOOLS: dict[str, Callable[[], bool]] = {
    "chromium": lambda: shutil.which("chromium") is not None,
    "fonts-noto-cjk": lambda: any(Path("/usr/share/fonts").rglob("NotoSansCJK*")),
    "git": lambda: shutil.which("git") is not None,
}
# Files side by side: half of the tests wait for real processes. No more workers than cores, or
# what is pressed and waited for in real time comes too late.
WORKERS = max(2, os.cpu_count() or 1)
SIDE_BY_SIDE = ["-n", f"{WORKERS}", "--dist", "loadfile", "--no-loadscope-reorder"]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run()"
CHECKS = {
    "ruff check": ["-m", "ruff", "check", "--quiet", "."],
    "ruff format": ["-m", "ruff", "format", "--check", "."],
    "mypy": ["-m", "mypy"],
    "imports": ["-c", LINT_IMPORTS],
    "codespell": ["-m", "codespell_lib", "."],
}


class Phase(NamedTuple):
    """One line of the table: `state` is ok or FAILED."""

    name: str
    seconds: float
    state: str


class Table:
    """A plugin that puts the table of phases in front of pytest's own last lines."""

    def __init__(self, phases: list[Phase]) -> None:
        self.phases = phases

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("before the tests")
        for name, seconds, state in self.phases:
            terminalreporter.write_line(f"{name:<14}{seconds:>7.1f} s  {state}")


def main(arguments: list[str]) -> int:
    """0: all held; 1: something did not; 2: the command line is wrong."""
    parser = argparse.ArgumentParser(
        prog="./qianshao",
        description="Every check and test. As root, missing tools are installed by apt.",
        epilog="Example: ./qianshao test --all; ./qianshao test tests/hub -k intake",
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    test = commands.add_parser(
        "test",
        help="lint, types, import directions, spelling, then pytest",
        epilog="Example: ./qianshao test --all; ./qianshao test tests/hub -k intake. "
        "Other arguments go to pytest, and then only those tests run.",
        allow_abbrev=False,
    )
    test.add_argument(
        "--all", action="store_true", help="the long runs too, and a skipped test is a failure"
    )
    commands.add_parser(
        "bench", help="compare with a bare reference hub", add_help=False, allow_abbrev=False
    )
    chosen, rest = parser.parse_known_args(arguments)
    if chosen.command == "bench":
        return bench(rest)
    os.chdir(ROOT)
    phases = [tools()]
    if not rest:
        phases += [check(name, command) for name, command in CHECKS.items()]
        if chosen.all:  # alone on the machine: it compares times
            phases.append(check("bench", ["-m", "tests", "bench"], told=True))
    everything = ["--all"] if chosen.all else []
    status = pytest.main([*everything, *(rest or SIDE_BY_SIDE)], plugins=[Table(phases)])
    return int(status) or int(any(phase.state == "FAILED" for phase in phases))


def bench(arguments: list[str]) -> int:
    """Hands over to `tests/bench`."""
    if importlib.util.find_spec("tests.bench") is None:
        print("There is no tests/bench in this checkout.", file=sys.stderr)
        return 2
    sys.argv = ["./qianshao bench", *arguments]
    runpy.run_module("tests.bench", run_name="__main__", alter_sys=True)
    return 0


def check(name: str, command: list[str], told: bool = False) -> Phase:
    """Runs one checker; unless what it says is to be `told`, it speaks only when it found
    something."""
    print(f"{name} ...", flush=True)
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode or told:
        print(done.stdout, flush=True)
    return Phase(name, time.monotonic() - start, "FAILED" if done.returncode else "ok")


def tools() -> Phase:
    """Installs what is missing as root, names it otherwise: the tests that need it are skipped."""
    start = time.monotonic()
    missing = [package for package, there in TOOLS.items() if not there()]
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(missing)} ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            quiet(["apt-get", "-qq", *command], environment)
    if shutil.which("npm") and not AXE.exists():
        print("installing axe-core ...", flush=True)
        quiet(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], dict(os.environ))
    missing = [package for package, there in TOOLS.items() if not there()]
    if missing:
        print(f"missing: {' '.join(missing)}; as root: apt install {' '.join(missing)}")
    if not AXE.exists():
        print("missing: axe-core; install npm, then: npm ci --ignore-scripts")
    return Phase("tools", time.monotonic() - start, "ok")


def quiet(command: list[str], environment: dict[str, str]) -> None:
    """Runs an installer; what it said is shown only when it failed."""
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        env=environment,
    )
    if done.returncode:
        print(done.stdout, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
