"""A bad line, and bad input on a good one: real boards beside whoever sends it."""

import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from protocol.topics import board_topic, city_topic
from tests.chain.raw import Raw, as_board, quiet
from tests.chain.town import DISTRICT, Town, judge, until
from tests.conftest import Tell

pytestmark = pytest.mark.chain

# what a board must never be able to do to the hub, sent with its own credentials
ROTTEN = [
    b"",
    b"\x00",
    b"\xff\xfe\xfd",
    b"null",
    b"[]",
    b'"alarm"',
    b"{",
    b"[" * 100_000,
    b'{"a":' * 2_000,
    b"1" * 4_000,
    b"-1e999999",
    b"{}" + b" " * 5_000,
    b"x" * 200_000,
    b'{"boot": "\xed\xa0\x80", "number": 1}',
    b'{"boot": "\\ud800", "number": 1, "kind": "alarm", "age_ms": 0, "reboots": 0}',
    b'{"boot": ["0011"], "number": {}, "kind": "alarm", "age_ms": 0, "reboots": 0}',
    b'{"boot": "00112233445566ff", "number": 1e400, "kind": "alarm"}',
    b'{"boot": "00112233445566ff", "number": true, "kind": "alarm"}',
]
WRONG_REPORTS = [
    {"kind": "scream"},
    {"kind": None},
    {"age_ms": -1},
    {"age_ms": 1 << 70},
    {"reboots": "0"},
    {"kind": "alarm", "text": "x" * 201},
    {"kind": "alarm", "text": "\u0000"},
    {"kind": "alarm", "text": "\ud800"},
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    path = tmp_path_factory.mktemp("wire") / "town"
    with Town(path, ("school-1", "school-2"), ("rotten", "flooder", "other-1")) as town:
        yield town


@pytest.fixture(autouse=True)
def a_good_line_again(town: Town) -> Iterator[None]:
    yield
    town.proxy.step, town.proxy.delay_s, town.proxy.refusing = 0, 0.0, False


def press_is_stored(town: Town, board: str, seconds: float = 10.0) -> None:
    """A press of a real board goes the whole way."""
    (name,) = town.saved(town.press(board))
    until(lambda: town.told(board, name), seconds)
    assert (board, name) in town.stored()


def test_bytes_one_by_one(town: Town) -> None:
    town.proxy.step = 1
    town.proxy.cut()
    press_is_stored(town, "school-1")


def test_a_slow_line(town: Town) -> None:
    town.proxy.delay_s = 0.8
    press_is_stored(town, "school-1", 15)


def test_a_cut_line(town: Town) -> None:
    town.proxy.refusing = True
    town.proxy.cut()
    (name,) = town.saved(town.press("school-1"))
    until(lambda: town.panel("school-1")["lamps"]["fault"] != "off", 15)
    assert ("school-1", name) not in town.stored()
    town.proxy.refusing = False
    until(lambda: town.told("school-1", name), 35)


def test_a_half_open_line_is_noticed_and_left(town: Town) -> None:
    press_is_stored(town, "school-1")
    town.proxy.strand()
    (name,) = town.saved(town.press("school-1"))
    until(lambda: town.told("school-1", name), 15)  # its keepalive is 10 s


def test_rotten_payloads_cost_others_nothing(town: Town) -> None:
    hub = town.processes["hub"].pid()
    before = rss_kb(hub)
    with as_board(town, "rotten") as rotten:
        for message in ("report", "hello", "heartbeat", "gone", "state", "receipt", "x"):
            for payload in ROTTEN:
                rotten.up(message, payload)
        for value in WRONG_REPORTS:
            rotten.report(**value)  # type: ignore[arg-type]
            until(lambda: rotten.answers(rotten.number), 30)
            assert rotten.answers(rotten.number)[0] == "refused"
        good = rotten.report()
        rotten.stored(good)
        assert not rotten.lost.is_set()
    press_is_stored(town, "school-2")
    assert town.processes["hub"].pid() == hub
    assert rss_kb(hub) - before < 20_000
    bad = [body for body in town.ledger("bad_message") if body["board"] == "rotten"]
    assert len(bad) == 1  # counted, not a row each


def test_topics_that_are_not_its_own(town: Town) -> None:
    rows = len(town.ledger("reported"))
    name = {"boot": "00112233445566ff", "number": 1, "kind": "alarm", "age_ms": 0, "reboots": 0}
    press = json.dumps(name).encode()
    with as_board(town, "rotten") as rotten, as_board(town, "other-1") as other:
        for board in ("other-1", "nobody", "self-test", "rotten/up/x"):
            rotten.up("report", press, board)
        rotten.send(board_topic(DISTRICT, "other-1", "down", "order"), b"{}")
        rotten.send(city_topic(DISTRICT, "alarm"), press)
        rotten.send(city_topic(DISTRICT, "receipt"), press)
        rotten.send(f"qianshao/v1/{DISTRICT}/hub/echo", b"1")
        rotten.send("qianshao/v1/elsewhere/board/rotten/up/report", press)
        quiet(lambda: bool(other.heard))
        rotten.stored(rotten.report())
    assert len(town.ledger("reported")) == rows + 1


def test_who_is_unknown_gets_no_link(town: Town) -> None:
    for user, password in (("nobody", "x"), ("rotten", "x"), ("", ""), ("hub", "x")):
        with Raw(town.ports["board"], user, password) as raw:
            assert raw.refused
    press_is_stored(town, "school-2")


def test_two_hundred_a_second_from_one_board(town: Town, tell: Tell) -> None:
    waits_s: list[float] = []
    with as_board(town, "flooder") as flooder, as_board(town, "other-1") as other:
        end, sent = time.monotonic() + 5, 0
        while time.monotonic() < end:
            flooder.report()
            sent += 1
            if sent % 40 == 0:  # another board presses five times a second
                began = time.monotonic()
                number = other.report()
                until(lambda number=number: other.answers(number), 30)  # type: ignore[misc]
                assert other.answers(number)[0] == "stored"
                waits_s.append(other.receipts()[-1][0] - began)
            time.sleep(max(0.0, sent / 200 - (time.monotonic() + 5 - end)))
        until(lambda: len(flooder.receipts()) >= sent, 20)
        answers = [receipt["answer"] for _, receipt in flooder.receipts()]
    assert set(answers) == {"stored", "later"}
    p99 = statistics.quantiles(waits_s, n=100)[98]
    tell(f"{sent} sent, {answers.count('stored')} stored; others' p99 {p99 * 1000:.0f} ms")
    assert p99 < 2.0
    stored = {r["number"] for _, r in flooder.receipts() if r["answer"] == "stored"}
    rows = {int(name.partition(":")[2]) for board, name in town.stored() if board == "flooder"}
    assert stored == rows


def test_after_all_that_the_ledger_is_right(town: Town) -> None:
    until(lambda: town.pressed() <= town.stored(), 30)
    verdict = judge(town)
    assert verdict.clean(), verdict
    assert "Traceback" not in town.processes["hub"].log.read_text()


def rss_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1])
    raise AssertionError(pid)
