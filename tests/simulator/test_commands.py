"""The commands' line: what is wrong there is a sentence, and Ctrl-C is never a trace."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from simulator.commands import main


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("press x --hold abc", "abc should be a number of seconds above 0, at most 60"),
        ("press x --hold 0", "0 should be a number of seconds"),
        ("press x --times two", "two should be a whole number, 1 or more"),
        ("simulate --seeds -1", "-1"),
        ("load --minutes z", "z should be a number above 0"),
        ("load --boards 5001", "5001 should be at most 5000"),
        ("demo --port 70000", "70000 should be a port"),
    ],
)
def test_a_wrong_number_says_what_is_wanted(
    wrong: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong.split())
    told = capsys.readouterr().err
    assert ended.value.code == 2 and said in told and "value:" not in told


def test_a_demo_in_a_file_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "file").write_text("x")
    assert main(["demo", "--data", str(tmp_path / "file")]) == 2
    assert "is a file, not a folder: name another one" in capsys.readouterr().err


@pytest.mark.parametrize("room", ["hub", "simulator"])
def test_an_interrupt_while_it_still_loads_leaves_no_trace(room: str, tmp_path: Path) -> None:
    command = {"hub": "hub", "simulator": "demo"}[room]
    load = [sys.executable, "-X", "importtime", "-m", room, command, "--data", str(tmp_path)]
    with subprocess.Popen(load, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.rstrip().endswith("hub.words"):
                process.send_signal(signal.SIGINT)
                break
        rest = process.stderr.read()
    assert process.returncode in (0, 130)
    assert "Traceback" not in rest and list(tmp_path.iterdir()) == []
