"""People told by a real hub: the command runs, and what a kill interrupted is done again."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import debian, enrol
from hub.folder import Folder, free_port
from hub.registry import Registry
from tests.hub.duty import Duty, until

pytestmark = pytest.mark.chain

Tell = Callable[[str], Duty]


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    """-> a duty room where nobody listens, one person is on duty, and `script` is its command."""
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(f"needs Mosquitto: {missing}")
    started: list[Duty] = []

    def start(script: str) -> Duty:
        folder = Folder(tmp_path / "data")
        folder.create("home", "值班室")
        argv = json.dumps(["sh", "-c", script])
        with folder.toml.open("a") as file:
            file.write(f"\n[escalation]\ncommand = {argv}\nagain_s = 2\n")
        registry = Registry(folder.registry)
        enrol.put_site(registry, {"id": "school-1", "name": "第一小学", "street": "南山街道"})
        enrol.put_board(registry, {"id": "board-a1", "site": "school-1", "simulated": True})
        way = {"channel": "command", "address": "8102"}
        person = {"id": "sun", "name": "孙建国", "post": "带班领导", "hours": [], "ways": [way]}
        registry.put("people", [person])
        started.append(Duty(folder.path, "--port", str(free_port(set()))))
        return started[-1]

    yield start
    for each in started:
        each.end()


def bodies(duty: Duty, kind: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{duty.folder.ledger}?mode=ro", uri=True)) as db:
        rows = db.execute("SELECT body FROM ledger WHERE kind = ? ORDER BY number", (kind,))
        return [json.loads(body) for (body,) in rows]


def test_a_person_is_told_and_the_receipt_is_on_record(tell: Tell, tmp_path: Path) -> None:
    said = tmp_path / "said"
    duty = tell(f'[ -n "$QIANSHAO_PERSON" ] || exit 0; echo "$QIANSHAO_TEXT" >> {said}')
    with duty.board("board-a1") as caller:
        caller.press()
        (receipt,) = until(lambda: bodies(duty, "notice_receipt"))
    assert (receipt["person"], receipt["state"]) == ("sun", "accepted")
    (told,) = bodies(duty, "notified")
    assert said.read_text("utf-8").strip() == told["words"]
    assert "第一小学" in told["words"] and "值班室无人在席" in told["words"]


def test_what_a_kill_interrupted_is_told_again(tell: Tell, tmp_path: Path) -> None:
    said, go = tmp_path / "said", tmp_path / "go"
    wait = f"while [ ! -e {go} ]; do sleep 0.05; done"
    duty = tell(f'[ -n "$QIANSHAO_PERSON" ] || exit 0; echo begun >> {said}; {wait}')
    with duty.board("board-a1") as caller:
        caller.press()
        until(said.exists)
        assert bodies(duty, "notice_receipt") == []
        duty.kill("external")
        until(lambda: said.read_text().count("begun") == 2)
        go.touch()
        (receipt,) = until(lambda: bodies(duty, "notice_receipt"))
    assert receipt["state"] == "accepted"
    assert len(bodies(duty, "notified")) == 1


def test_told_again_until_it_is_taken_also_by_a_hub_that_was_killed(tell: Tell) -> None:
    duty = tell("true")
    with duty.board("board-a1") as caller:
        caller.press()
        until(lambda: [each["round"] for each in bodies(duty, "notified")][:2] == [1, 2])
        duty.kill("external")
        until(lambda: 4 in [each["round"] for each in bodies(duty, "notified")])
    found = [each["round"] for each in bodies(duty, "notified")]
    assert found == list(range(1, len(found) + 1))
