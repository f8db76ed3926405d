"""The configured command: its facts, its end, its patience, and nothing left of it."""

import asyncio
import time
from pathlib import Path

from hub.channels.command import SAID_BYTES, run
from hub.events import CommandRan, Event
from tests.hub.room import Room


def ran(*command: str, patience_s: float = 10.0) -> CommandRan:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    said: list[Event] = []
    asyncio.run(run(command, room.db, room.only()["id"], said.append, patience_s=patience_s))
    (end,) = said
    assert isinstance(end, CommandRan) and end.incident == room.only()["id"]
    room.db.close()
    return end


def test_it_has_the_facts_of_the_incident() -> None:
    end = ran("sh", "-c", 'echo "$QIANSHAO_KIND $QIANSHAO_BOARD $QIANSHAO_SITE_NAME"; exit 3')
    assert (end.exit, end.said) == (3, "alarm board-a1 学校 board-a1\n")


def test_what_cannot_start_is_said() -> None:
    end = ran("/no/such/siren")
    assert end.exit == -1 and "/no/such/siren" in end.said


def test_what_does_not_end_is_ended_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    end = ran("sh", "-c", f"sleep 60 & echo $! > {pid}; wait", patience_s=0.5)
    assert end.exit == -1 and "stopped" in end.said
    child = int(pid.read_text())
    deadline = time.monotonic() + 5  # a loaded machine runs what is killed for a moment yet
    while not _gone(child):
        assert time.monotonic() < deadline, f"process {child} still runs"
        time.sleep(0.01)


def _gone(process: int) -> bool:
    """Ended, even when nobody has asked for its end yet."""
    try:
        return Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"
    except OSError:
        return True


def test_what_it_prints_is_bounded() -> None:
    end = ran("sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x")
    assert end.exit == 0 and len(end.said) == SAID_BYTES


def test_cancelled_it_leaves_no_process(tmp_path: Path) -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm"))
    pid = tmp_path / "pid"
    said: list[Event] = []

    async def live() -> None:
        command = ("sh", "-c", f"echo $$ > {pid}; exec sleep 60")
        work = asyncio.create_task(run(command, room.db, room.only()["id"], said.append))
        while not (pid.exists() and pid.read_text()):
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    asyncio.run(live())
    room.db.close()
    assert said == []  # it is due again
    assert not Path(f"/proc/{pid.read_text().strip()}").exists()
