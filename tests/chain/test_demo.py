"""The whole chain from one command: what it prints, how it ends, what it survives."""

import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.desk.roles import ROLES
from tests.chain.demo import CannotStart, Demo, command, environment, fits, until

pytestmark = pytest.mark.chain

Start = Callable[..., Demo]
NAMES = ("hub", "mosquitto", "donghu-hospital-1")


def reports(data: Path) -> int:
    """Presses in the ledger."""
    db = sqlite3.connect(f"file:{data}/ledger.db?mode=ro", uri=True)
    try:
        (count,) = db.execute("SELECT count(*) FROM reports WHERE board <> 'self-test'").fetchone()
        return int(count)
    finally:
        db.close()


def test_the_lines_for_programs(demo: Demo) -> None:
    logins = [line.split() for line in demo.lines if line.startswith("login ")]
    assert all(len(login) == 4 for login in logins)
    assert {login[1] for login in logins} == set(ROLES)
    assert fits(
        r"-h 127\.0\.0\.1 -p \d+ -u \S+ -P \S+ -t 'qianshao/v1/demo/city/#' -q 1 -v",
        demo.line("mosquitto_sub -h").replace("127", "-h 127", 1),
    )
    assert fits(
        r"-H 'Authorization: Bearer \S+' "
        r"'http://127\.0\.0\.1:\d+/api/city/events\?feed=alarm&after=0'",
        demo.line("curl "),
    )
    assert any(
        line.startswith("MicroPython ") or "boards run on CPython" in line for line in demo.lines
    )
    assert fits(r"http://127\.0\.0\.1:\d+/", demo.line("DEMO "))
    assert fits(r"http://127\.0\.0\.1:\d+", demo.line("READY "))
    assert demo.lines[-1].startswith("READY ")


def test_the_refill_answers_as_printed(demo: Demo) -> None:
    header, address = demo.line("curl -H ").replace("'", "").rsplit(" ", 1)
    bearer = header.removeprefix("Authorization: ")
    request = urllib.request.Request(address, headers={"Authorization": bearer})
    with urllib.request.urlopen(request, timeout=5) as response:
        assert response.status == 200


def test_twelve_boards_each_a_process_of_its_own(demo: Demo) -> None:
    boards = demo.boards()
    assert len(boards) == 12 and len({demo.pid(board) for board in boards}) == 12
    assert len({board["site"] for board in boards.values()}) == 11
    until(lambda: all(b["lamps"]["calling"] != "off" for b in demo.boards().values()), 30)


def test_a_board_dies_as_it_looks(demo: Demo) -> None:
    board = "xiling-telecom-1"
    demo.send(board, signal.SIGSTOP)
    try:
        until(lambda: demo.boards()[board]["frozen"], 30)
        assert demo.boards()[board]["alive"]
        frozen = demo.pid(board)
        time.sleep(2)
        assert demo.pid(board) == frozen  # a frozen one is not started again
    finally:
        demo.send(board, signal.SIGCONT)
    until(lambda: not demo.boards()[board]["frozen"], 30)


@pytest.mark.parametrize("name", NAMES)
def test_what_is_killed_is_back_within_5_s_and_works(demo: Demo, name: str) -> None:
    before = demo.pid(name)
    demo.send(name, signal.SIGKILL)
    until(lambda: demo.pid(name) not in (0, before) and demo.is_running(name), 30)
    stored = reports(demo.data)
    until(lambda: demo.press("donghu-hospital-1") == 0, 30)
    until(lambda: reports(demo.data) > stored, 15)
    until(lambda: demo.lamps("donghu-hospital-1")["stored"] == "on", 15)


@pytest.mark.parametrize(("number", "ignored"), [(signal.SIGTERM, False), (signal.SIGINT, True)])
def test_told_to_end_it_leaves_nothing(
    own_demo: Start, number: signal.Signals, ignored: bool
) -> None:
    demo = own_demo(ignore_sigint=ignored)
    demo.send("xiling-office-1", signal.SIGSTOP)  # also what does not listen
    assert demo.stop(number) in (0, 130)
    assert demo.pids() == {}
    assert "Traceback" not in demo.log.read_text()
    assert [
        file for file in (demo.data / "log").iterdir() if "Traceback" in file.read_text()
    ] == []


def test_killed_itself_it_takes_all_with_it_and_starts_again_on_its_ledger(
    own_demo: Start,
) -> None:
    demo = own_demo()
    assert demo.press("xiling-office-1") == 0
    until(lambda: demo.lamps("xiling-office-1")["stored"] == "on", 30)
    demo.process.send_signal(signal.SIGKILL)
    until(lambda: demo.pids() == {}, 30)
    again = own_demo()
    assert again.ready_s < 20  # printed, not asserted closely: two cores, shared
    assert again.lines[-1] == demo.lines[-1] and again.line("login admin") == demo.line(
        "login admin"
    )
    assert reports(again.data) == 1
    until(lambda: again.lamps("xiling-office-1")["stored"] == "on", 30)
    assert again.stop() == 0


def test_what_cannot_be_is_a_sentence_and_exit_2(demo: Demo, tmp_path: Path) -> None:
    def refused(*arguments: str) -> str:
        done = subprocess.run(
            [*command("demo"), "--no-browser", *arguments],
            capture_output=True,
            text=True,
            env=environment(),
            timeout=30,
            check=False,
        )
        assert done.returncode == 2 and done.stdout == ""
        assert "Traceback" not in done.stderr and len(done.stderr.splitlines()) == 1
        return done.stderr

    assert "already running" in refused("--data", str(demo.data))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in refused("--data", str(tmp_path / "a"), "--port", port)
        assert port in refused("--data", str(tmp_path / "b"), "--mqtt-port", port)
    (tmp_path / "file").touch()
    assert str(tmp_path / "file") in refused("--data", str(tmp_path / "file"))
    real = tmp_path / "real"
    real.mkdir()
    (real / "qianshao.toml").write_text('district = "nanshan"\nname = "南山区值班室"\n')
    assert "nanshan" in refused("--data", str(real))


def test_a_demo_that_cannot_start_says_so(own_demo: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "qianshao.toml").write_text('district = "demo"\nname = "x"\nlevel = 1\n')
    with pytest.raises(CannotStart, match="nothing reads level"):
        own_demo(data)
