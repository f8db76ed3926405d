"""The launcher: `.venv` is made once, whole or not at all; every failure is one sentence.

Python itself is a shell script here that writes down what it was asked to do.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

LAUNCHER = Path(__file__).resolve().parents[2] / "qianshao"
SHELL = shutil.which("dash") or "/bin/sh"
INSIDE = """#!/bin/sh
case "$*" in
    "-m pip "*) echo pip >>"$ASKED"; {pip} ;;
    *) echo "ran in $(pwd) with $PYTHONPATH: $*" ;;
esac
"""
OUTSIDE = """#!/bin/sh
case "$*" in
    *version_info*) exit {old} ;;
    *ensurepip*) exit {no_venv} ;;
    "-m venv "*)
        echo venv >>"$ASKED"
        mkdir -p "$3/bin" "$3/lib/python"
        cp "$INSIDE" "$3/bin/python" ;;
esac
"""


class Checkout:
    """A project folder with a space in its name, and a PATH whose Python is ours."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a checkout"
        self.bin = folder / "bin"
        self.asked = folder / "asked"
        for each in (self.project, self.bin):
            each.mkdir()
        shutil.copy(LAUNCHER, self.project)
        self.lock("one==1")
        self.python()

    def lock(self, line: str) -> None:
        for name in ("requirements.txt", "requirements-test.txt"):
            (self.project / name).write_text(f"{name} {line}\n")

    def python(self, pip: str = "true", *, old: int = 0, no_venv: int = 0) -> None:
        inside = self.bin.parent / "inside"
        inside.write_text(INSIDE.format(pip=pip))
        inside.chmod(0o755)
        for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
            (self.bin / name).write_text(OUTSIDE.format(old=old, no_venv=no_venv))
            (self.bin / name).chmod(0o755)

    def start(self, *arguments: str, locale: str = "C.UTF-8") -> subprocess.Popen[str]:
        environment = {
            "PATH": f"{self.bin}:/usr/bin:/bin",
            "LANG": locale,
            "ASKED": str(self.asked),
            "INSIDE": str(self.bin.parent / "inside"),
        }
        return subprocess.Popen(
            [SHELL, str(self.project / "qianshao"), *arguments],
            env=environment,
            cwd=self.bin,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, locale: str = "C.UTF-8") -> tuple[int, str, str]:
        process = self.start(*arguments, locale=locale)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def steps(self) -> list[str]:
        return self.asked.read_text().split() if self.asked.exists() else []


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("arguments", [(), ("help",), ("-h",), ("--help",)])
def test_usage_names_every_command_with_an_example(
    checkout: Checkout, arguments: tuple[str, ...]
) -> None:
    for locale, word in (("C.UTF-8", "Usage:"), ("zh_CN.UTF-8", "用法：")):
        status, out, _ = checkout.run(*arguments, locale=locale)
        assert status == 0
        assert word in out
        for command in [
            "demo",
            "press",
            "simulate",
            "load",
            "hub",
            "ledger",
            "password",
            "doctor",
            "test",
            "bench",
        ]:
            assert f"\n  {command} " in out
            assert f"./qianshao {command}" in out
    assert checkout.steps() == []


@pytest.mark.parametrize("verb", ["nosuch", "demos", "--version"])
def test_a_verb_that_is_none_is_said_before_anything_is_set_up(
    checkout: Checkout, verb: str
) -> None:
    status, out, err = checkout.run(verb)
    assert (status, out) == (2, "")
    assert err.startswith(f"There is no command {verb}: ")
    assert checkout.steps() == []


@pytest.mark.parametrize(
    ("verb", "room"),
    [("demo", "simulator"), ("load", "simulator"), ("test", "tests"), ("password", "hub")],
)
def test_a_verb_runs_its_room_in_the_callers_folder(
    checkout: Checkout, verb: str, room: str
) -> None:
    status, out, _ = checkout.run(verb, "two words")
    assert status == 0
    assert out == f"ran in {checkout.bin} with {checkout.project}: -m {room} {verb} two words\n"


def test_set_up_once_and_the_tests_packages_only_for_tests(checkout: Checkout) -> None:
    checkout.run("hub")
    checkout.run("demo")
    assert checkout.steps() == ["venv", "pip"]
    checkout.run("test")
    checkout.run("bench")
    assert checkout.steps() == ["venv", "pip", "pip"]


def test_another_lock_or_an_interrupted_set_up_builds_anew(checkout: Checkout) -> None:
    checkout.run("hub")
    checkout.lock("two==2")
    checkout.run("hub")
    assert checkout.steps() == ["venv", "pip"] * 2
    (checkout.project / ".venv" / "requirements.txt").unlink()
    checkout.run("hub")
    assert checkout.steps() == ["venv", "pip"] * 3


def test_a_python_that_went_away_builds_anew(checkout: Checkout) -> None:
    checkout.run("hub")
    (checkout.project / ".venv/lib/python").rename(checkout.project / ".venv/lib/python3.10")
    checkout.run("hub")
    assert checkout.steps() == ["venv", "pip"] * 2


@pytest.mark.skipif(not shutil.which("flock"), reason="no flock here")
def test_two_first_runs_at_once(checkout: Checkout) -> None:
    checkout.python(pip="sleep 0.5")
    runs = [checkout.start("hub") for _ in range(3)]
    for run in runs:
        out, _ = run.communicate(timeout=60)
        assert run.returncode == 0
        assert "-m hub hub" in out
    assert checkout.steps() == ["venv", "pip"]


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("OSError: [Errno 28] No space left on device", "free 200 MB"),
        ("NewConnectionError: Temporary failure in name resolution", "connect the network"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "differs from the checksum"),
        ("PermissionError: [Errno 13] Permission denied: x", "Cannot write to"),
        ("ERROR: something else", "failed: ERROR: something else"),
    ],
)
def test_each_failure_is_one_sentence_and_tried_again(
    checkout: Checkout, printed: str, sentence: str
) -> None:
    checkout.python(pip=f"echo Traceback; echo '{printed}'; exit 1")
    for _ in range(2):
        status, out, err = checkout.run("hub")
        assert (status, out) == (2, "")
        assert sentence in err.splitlines()[-1]
        assert "Traceback" not in err
    checkout.python()
    assert checkout.run("hub")[0] == 0


def test_no_python_or_no_venv_module(checkout: Checkout) -> None:
    checkout.python(no_venv=1)
    status, _, err = checkout.run("hub")
    assert status == 2
    assert "apt install python3-venv" in err
    checkout.python(old=1)
    status, _, err = checkout.run("hub", locale="zh_CN.UTF-8")
    assert status == 2
    assert "需要 Python 3.11" in err


def test_the_doctor_installs_nothing(checkout: Checkout) -> None:
    for name in ("python3", "python3.11"):
        script = checkout.bin / name
        script.write_text(
            script.read_text().replace("esac", '"-m hub"*) echo "asked: $*" ;; esac')
        )
    assert checkout.run("doctor", "--data", "x y") == (0, "asked: -m hub.doctor --data x y\n", "")
    assert checkout.steps() == []
    checkout.run("hub")
    status, out, _ = checkout.run("doctor")
    assert status == 0 and out.endswith(": -m hub.doctor\n") and "ran in" in out
    (checkout.project / ".venv/requirements.txt").unlink()
    checkout.python(old=1)
    status, _, err = checkout.run("doctor")
    assert status == 1 and "Python 3.11 or newer is needed" in err
