"""Processes that live as long as their parent: started again, ended whole, never left behind."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hub import children
from hub.children import Child, Children

pytestmark = pytest.mark.chain

ROOT = Path(__file__).resolve().parents[2]
SLEEP = ("sleep", "60")


class Watched:
    """Some children under watch, and what a person was told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[tuple[str, int]] = []
        self.children = Children(lambda name, code: self.told.append((name, code)))

    def start(
        self, *argv: str, name: str = "one", heard: Callable[[bytes], None] | None = None
    ) -> Child:
        return self.children.start(Child(name, argv, self.folder / f"{name}.log", heard))

    async def until(self, true: Callable[[], object], seconds: float = 5.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end
            await asyncio.sleep(0.01)


def live(tmp_path: Path, body: Callable[[Watched], Awaitable[None]]) -> Watched:
    watched = Watched(tmp_path)

    async def run() -> None:
        watching = asyncio.create_task(watched.children.watch())
        try:
            await body(watched)
            assert not watching.done()
        finally:
            watching.cancel()
            began = time.monotonic()
            await watched.children.stop(first=watched.children.all[0])
            assert time.monotonic() - began < 8
            assert all(child.ended() is not None for child in watched.children.all)

    asyncio.run(run())
    return watched


def pid(child: Child) -> int:
    assert child.process
    return child.process.pid


def test_what_dies_is_started_again_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "AGAIN_S", 0.3)

    async def body(watched: Watched) -> None:
        child, other = watched.start(*SLEEP), watched.start(*SLEEP, name="two")
        old, kept = pid(child), pid(other)
        child.signal(signal.SIGKILL)
        await watched.until(lambda: pid(child) != old)
        assert (child.state(), pid(other)) == ("running", kept)

    assert live(tmp_path, body).told == [("one", -9)]


def test_what_is_held_stays_down_until_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "AGAIN_S", 0.2)

    async def body(watched: Watched) -> None:
        child = watched.start(*SLEEP)
        old = pid(child)
        child.held = True
        child.signal(signal.SIGKILL)
        await asyncio.sleep(0.6)
        assert child.state() == "dead" and watched.told == []
        child.held = False
        await watched.until(lambda: pid(child) != old)

    assert live(tmp_path, body).told == [("one", -9)]


def test_what_ends_at_once_does_not_spin(tmp_path: Path) -> None:
    async def body(watched: Watched) -> None:
        watched.start("sh", "-c", f"echo x >> {tmp_path}/starts; echo bad luck >&2; exit 3")
        await asyncio.sleep(2.0)
        assert watched.children.all[0].said() == "bad luck"

    watched = live(tmp_path, body)
    assert 1 <= len((tmp_path / "starts").read_text().split()) <= 3
    assert set(watched.told) == {("one", 3)}


def test_what_cannot_be_started_again_now_is_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "AGAIN_S", 0.2)
    program = tmp_path / "program"

    async def body(watched: Watched) -> None:
        program.symlink_to("/bin/sleep")
        child = watched.start(str(program), "60")
        old = pid(child)
        program.unlink()
        child.signal(signal.SIGKILL)
        await asyncio.sleep(0.6)
        assert child.state() == "dead"
        program.symlink_to("/bin/sleep")
        await watched.until(lambda: pid(child) != old)

    assert live(tmp_path, body).told == [("one", -9)]


def test_the_frozen_and_the_stubborn_are_ended_too(tmp_path: Path) -> None:
    async def body(watched: Watched) -> None:
        frozen = watched.start(*SLEEP)
        watched.start("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done", name="two")
        frozen.signal(signal.SIGSTOP)
        await watched.until(lambda: frozen.state() == "frozen")

    live(tmp_path, body)


def test_its_lines_are_heard(tmp_path: Path) -> None:
    heard: list[bytes] = []

    async def body(watched: Watched) -> None:
        watched.start("sh", "-c", "echo one; echo two; exec sleep 60", heard=heard.append)
        await watched.until(lambda: len(heard) == 2)

    live(tmp_path, body)
    assert heard == [b"one\n", b"two\n"]


def test_the_kernel_ends_them_with_a_killed_parent(tmp_path: Path) -> None:
    parent = f"""
import asyncio
from pathlib import Path
from hub.children import Child, Children
async def live():
    child = Children(print).start(Child("one", {SLEEP!r}, Path({str(tmp_path)!r}) / "log"))
    print(child.process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(live())
"""
    process = subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT, text=True
    )
    assert process.stdout
    child = int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()
    end = time.monotonic() + 3
    while time.monotonic() < end and _lives(child):
        time.sleep(0.02)
    assert not _lives(child)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
