"""From a press to fifty open pages: raw event streams of the desk, all in a process of their own.

A job is one JSON object on stdin: `port` and `cookie` of the desk, `pages`. A line `open` on
stdout says that all have their first state; at the end of stdin the result follows as one JSON
object: `seen`, of each page a list of [perf_counter, ledger row up to which it shows everything].
"""

import asyncio
import contextlib
import json
import re
import secrets
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from typing import Any

from hub.desk.accounts import Accounts
from hub.store import connect_reader
from tests.bench.contenders import ROOT, Running

PAGES = 50
RATE = 20  # presses a second of the whole district
USER, PASSWORD = "bench", "correct horse"
EVENT_BYTES = 1 << 24
NUMBER = re.compile(rb"id: (\d+)\n")
Seen = list[tuple[float, int]]


def waits(hub: Running, seconds: float) -> tuple[float, float]:
    """-> p99 in ms of press -> page and of press -> stored, over all presses and pages of one
    run. Raises OSError, CalledProcessError."""
    with closing(Accounts(hub.folder.working)) as accounts:
        asyncio.run(accounts.create(USER, USER, "officer", PASSWORD))
    port = hub.folder.kept_ports()["web"]
    job = {"port": port, "cookie": asyncio.run(_login(port)), "pages": PAGES}
    viewers = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.pages"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    with viewers:
        assert viewers.stdin and viewers.stdout
        viewers.stdin.write(json.dumps(job) + "\n")
        viewers.stdin.flush()
        if viewers.stdout.readline() != "open\n":
            raise OSError("the pages did not open")
        presses = hub.load("alarm", seconds, rate=RATE, times=1)
        viewers.stdin.close()
        seen: list[Seen] = json.loads(viewers.stdout.read())["seen"]
    with closing(connect_reader(hub.folder.ledger)) as db:
        rows = [(_row(db, name), sent) for *name, sent in presses["times"]]
    waited = sorted(_wait(page, row, sent) for row, sent in rows for page in seen)
    return waited[len(waited) * 99 // 100] * 1000, presses["p99_ms"]


def _row(db: sqlite3.Connection, name: list[Any]) -> int:
    """The ledger's row of the report of that board, boot and number."""
    (row,) = db.execute(
        "SELECT row FROM reports WHERE board = ? AND boot = ? AND number = ?", name
    ).fetchone()
    return int(row)


def _wait(page: Seen, row: int, sent: float) -> float:
    """Seconds until the page showed it; infinite when it never did."""
    return next((at - sent for at, number in page if number >= row), float("inf"))


async def _login(port: int) -> str:
    """-> the session's cookie."""
    body = f"user={USER}&password={PASSWORD.replace(' ', '+')}"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        f"{body}".encode()
    )
    answer = (await reader.read()).decode("utf-8", "replace")
    writer.close()
    found = re.search(r"Set-Cookie: (qianshao-session-\d+=[^;]+)", answer)
    if not found:
        raise OSError(f"no login at the desk: {answer[:200]}")
    return found[1]


async def _follow(job: dict[str, Any], seen: Seen, opened: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", job["port"], limit=EVENT_BYTES)
    writer.write(
        f"GET /events?desk={secrets.token_hex(8)} HTTP/1.1\r\nHost: 127.0.0.1:{job['port']}\r\n"
        f"Cookie: {job['cookie']}\r\n\r\n".encode()
    )
    while True:
        event = await reader.readuntil(b"\n\n")
        found = NUMBER.search(event)
        if found:
            seen.append((time.perf_counter(), int(found[1])))
            opened.set()


async def _main() -> None:
    job = json.loads(sys.stdin.readline())
    seen: list[Seen] = [[] for _ in range(job["pages"])]
    opened = [asyncio.Event() for _ in seen]
    tasks = [asyncio.create_task(_follow(job, *each)) for each in zip(seen, opened, strict=True)]
    for event in opened:
        await event.wait()
    print("open", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    print(json.dumps({"seen": seen}))


if __name__ == "__main__":
    asyncio.run(_main())
