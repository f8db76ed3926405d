"""The board as a process: FIFO in, panel and answers out, flash in a folder, a real broker."""

import json
import os
import signal
import subprocess
import time

import pytest

from boards.unix.inputs import LINE_BYTES
from boards.unix.inputs import Lines as InputLines
from tests.firmware.processes import (
    INTERPRETERS,
    PASSWORD,
    ROOT,
    Broker,
    Lines,
    interpreter,
    until,
)
from tests.firmware.tiny_hub import TinyHub

pytestmark = pytest.mark.chain


@pytest.fixture
def broker(tmp_path):
    folder = tmp_path / "broker"
    folder.mkdir()
    broker = Broker(folder)
    yield broker
    broker.stop()


class Unix:
    """A board's folder and process."""

    def __init__(self, command, folder, port, **more):
        self.command = [*command, ROOT + "/boards/unix/main.py", str(folder)]
        self.folder = folder
        folder.mkdir()
        link = {"host": "127.0.0.1", "port": port, "user": "school-3", "password": PASSWORD}
        config = {"board": "school-3", "district": "demo", "links": [link], **more}
        (folder / "board.json").write_text(json.dumps(config))
        self.count = 0
        self.start()

    def start(self):
        self.lines = Lines(self.command)
        self.lines.wait(lambda line: line["id"] == "school-3")
        until(lambda: self.ask(do="ping"))

    def ask(self, wait_s=1.0, valid_ms=2000, as_token=None, **line):
        """Write a line; the accepted token, or None when the board does not take it."""
        self.count += 1
        token = as_token or "t%d" % self.count
        line.update(token=token, expires_ms=int(time.time() * 1000) + valid_ms)
        handle = os.open(self.folder / "input", os.O_RDWR | os.O_NONBLOCK)
        os.write(handle, json.dumps(line).encode() + b"\n")
        try:
            until((self.folder / "answers" / (token + ".accepted")).exists, wait_s)
        except AssertionError:
            return None
        finally:
            os.close(handle)
        return token

    def press(self, **line):
        token = self.ask(do="press", **{"key": "alarm", **line})
        path = self.folder / "answers" / token
        until(path.exists, 12)
        return json.loads(path.read_text())

    def panel(self, calling, stored, seconds=5.0):
        def wanted(line):
            return (line["lamps"]["calling"], line["lamps"]["stored"]) == (calling, stored)

        return self.lines.wait(wanted, seconds)

    def records(self):
        return b"".join(path.read_bytes() for path in sorted(self.folder.glob("outbox/*.box")))

    def kill(self):
        return self.lines.stop()


ALSO = ("cpython", "micropython32")  # the same seconds of held keys, in the long runs


@pytest.fixture(params=INTERPRETERS)
def board(request, tmp_path, broker):
    """board(**config) -> a Unix board under one of the interpreters, with a hub that answers."""
    command = interpreter(request.param)
    hub = TinyHub(broker.port, PASSWORD)
    started = []

    def start(**config):
        started.append(Unix(command, tmp_path / "school-3", broker.port, **config))
        started[-1].hub = hub
        return started[-1]

    yield start
    errors = [board.kill() for board in started]
    hub.stop()
    assert errors == [""] * len(errors)


def test_a_press_is_felt_saved_sent_and_stored(board):
    board = board()
    board.panel("blip", "off")
    answer = board.press(times=2)
    assert len(answer["saved"]) == 2 and not answer["unsaved"] and not answer["nothing"]
    board.panel("on", "on")
    assert [report["kind"] for report in board.hub.reports][:1] == ["alarm"]
    assert {"%s:%d" % (r["boot"], r["number"]) for r in board.hub.reports} == set(answer["saved"])


def test_a_press_survives_a_kill_and_is_delivered_by_the_next_start(board):
    board = board()
    board.panel("blip", "off")
    board.hub.answering = False
    (name,) = board.press()["saved"]
    board.panel("fast", "off")
    board.kill()
    board.start()
    board.hub.answering = True
    board.panel("on", "on", 8)
    last = board.hub.reports[-1]
    assert "%s:%d" % (last["boot"], last["number"]) == name
    assert last["reboots"] == 1


@pytest.mark.parametrize(
    "board",
    ["micropython", *(pytest.param(each, marks=pytest.mark.long) for each in ALSO)],
    indirect=True,
)
def test_gestures_through_the_fifo(board):
    board = board()
    board.panel("blip", "off")
    assert board.press(key="confirm", hold_ms=3000)["nothing"]  # nothing to withdraw
    test = board.press(
        key="confirm", hold_ms=5000, then={"key": "alarm", "hold_ms": 0, "times": 1}
    )
    assert len(test["saved"]) == 1 and not test["nothing"]
    until(lambda: board.hub.reports)
    assert [report["kind"] for report in board.hub.reports] == ["test"]
    held = board.press(hold_ms=3100)  # in the test window: real
    assert len(held["saved"]) == 2
    refused = board.press(key="confirm", hold_ms=5000, then={"key": "alarm"})
    assert len(refused["saved"]) <= 1  # an open alarm: no test, at most a withdrawal
    until(lambda: len(board.hub.reports) >= 3)
    assert [r["kind"] for r in board.hub.reports].count("alarm") == 1


def test_a_finger_rests_on_a_key_until_it_lets_go(board):
    board = board()
    board.panel("blip", "off")
    token = board.ask(do="down", key="alarm")
    board.panel("on", "on")  # felt, sent and stored while the finger is still on the key
    until(lambda: [report["kind"] for report in board.hub.reports] == ["alarm", "hold"], 6)
    answer = board.folder / "answers" / token
    assert not answer.exists()
    board.ask(do="up", as_token=token, valid_ms=-60_000)  # whenever it is read
    until(answer.exists)
    assert len(json.loads(answer.read_text())["saved"]) == 2
    token = board.ask(do="down", key="alarm")
    board.ask(do="up", as_token=token)
    until((board.folder / "answers" / token).exists)
    kinds = [report["kind"] for report in board.hub.reports]
    assert sorted(kinds) == ["alarm", "alarm", "hold"]


def test_what_expired_presses_nothing(board):
    board = board()
    board.panel("blip", "off")
    board.lines.process.send_signal(signal.SIGSTOP)
    assert board.ask(do="press", key="alarm", wait_s=0.6, valid_ms=500) is None
    board.lines.process.send_signal(signal.SIGCONT)
    assert board.ask(do="ping")
    assert board.records() == b""
    assert sorted(p.name for p in board.folder.glob("answers/t*")) == sorted(
        ["t%d%s" % (n, end) for n in range(1, board.count + 1) if n != board.count - 1
         for end in ("", ".accepted")]
    )  # fmt: skip


def test_lines_that_are_no_gesture_press_nothing(board):
    board = board()
    handle = os.open(board.folder / "input", os.O_RDWR | os.O_NONBLOCK)
    for line in (b"x\n", b"\xff\xfe\n", b"[1]\n", b'{"do":"press","key":"alarm"}\n', b"y" * 5000):
        os.write(handle, line)
    os.write(handle, b"\n")
    assert board.ask(do="ping")
    token = board.ask(do="press", key="window")
    accepted = board.folder / "answers" / (token + ".accepted")
    assert json.loads(accepted.read_text()) == {"accepted": False}
    os.close(handle)
    assert board.records() == b""


def test_full_flash_says_unsaved_and_sends_all_the_same(board):
    board = board(flash={"block_bytes": 128, "blocks": 3})
    board.panel("blip", "off")
    board.hub.answering = False
    answer = board.press(times=6)
    assert answer["saved"] and answer["unsaved"]
    board.hub.answering = True
    until(lambda: len({r["number"] for r in board.hub.reports if r["kind"] == "alarm"}) == 6)


def test_a_board_ends_when_nobody_reads_its_panel(tmp_path):
    folder = tmp_path / "school-3"
    folder.mkdir()
    (folder / "board.json").write_text('{"board": "school-3", "district": "demo"}')
    command = [*interpreter("micropython"), ROOT + "/boards/unix/main.py", str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert json.loads(process.stdout.readline())["display"] == "未登记"
        process.stdout.close()
        line = {"token": "t1", "do": "press", "key": "alarm", "expires_ms": 2**52}
        (folder / "input").write_text(json.dumps(line) + "\n")
        assert process.wait(5) == 0
    finally:
        process.kill()
        process.wait()


def test_folders_that_are_no_board_get_a_sentence(tmp_path):
    command = [*interpreter("cpython"), ROOT + "/boards/unix/main.py"]
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "board.json").write_text('{"board": "X", "district": "demo"}')
    for arguments in ([], [str(tmp_path)], [str(tmp_path / "bad")]):
        done = subprocess.run(command + arguments, capture_output=True, text=True)
        assert done.returncode == 2
        assert done.stderr and "Traceback" not in done.stderr


def test_lines_are_bounded():
    lines = InputLines()
    assert lines.add(b"one\ntw") == [b"one"]
    assert lines.add(b"o\n") == [b"two"]
    assert lines.add(b"x" * (LINE_BYTES + 1)) == []
    assert lines.add(b"x" * 5000 + b"\nthree\n") == [b"three"]
