"""The configured command of an untaken incident: a relay, a siren, a script of the house."""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress

from hub.events import CommandRan, Event

PATIENCE_S = 60.0
SAID_BYTES = 4096  # of what it prints so much is kept; the rest is read and forgotten
FACTS = ("id", "kind", "board", "site", "site_name", "street", "contact", "presses")


async def run(
    command: Sequence[str],
    reader: sqlite3.Connection,
    incident: str,
    put: Callable[[Event], None],
    patience_s: float = PATIENCE_S,
) -> None:
    """Run it; the incident's facts are in its environment (QIANSHAO_ID, QIANSHAO_KIND, ...), its
    end comes back as an event. Cancelled, it leaves no process behind and is due again."""
    row = reader.execute("SELECT * FROM incidents WHERE id = ?", (incident,)).fetchone()
    if row is None or not command:
        put(CommandRan(incident, -1, "no command is configured"))
        return
    facts = {f"QIANSHAO_{name.upper()}": str(row[name]) for name in FACTS}
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **facts},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # so that its own children can be ended with it
        )
    except OSError as error:
        put(CommandRan(incident, -1, f"{command[0]}: {error.strerror}"))
        return
    assert process.stdout is not None
    said = bytearray()
    try:
        async with asyncio.timeout(patience_s):
            while part := await process.stdout.read(SAID_BYTES):
                said += part[: SAID_BYTES - len(said)]
            code = await process.wait()
    except TimeoutError:
        put(CommandRan(incident, -1, f"stopped after {patience_s:.0f} s"))
        return
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    put(CommandRan(incident, code, said.decode("utf-8", "replace")))
