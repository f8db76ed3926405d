"""The configured command of an untaken incident: a relay, a siren, a script of the house."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Sequence

from hub.events import CommandRan, Event

PATIENCE_S = 60.0


async def run(
    command: Sequence[str], reader: sqlite3.Connection, incident: str, put: Callable[[Event], None]
) -> None:
    """Run it; the incident's facts are in its environment, its end comes back as an event."""
    row = reader.execute("SELECT * FROM incidents WHERE id = ?", (incident,)).fetchone()
    if row is None:
        return
    facts = {
        f"QIANSHAO_{name.upper()}": str(row[name] if row[name] is not None else "")
        for name in ("id", "kind", "board", "site", "site_name", "street", "contact", "presses")
    }
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **facts},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except OSError as error:
        put(CommandRan(incident, -1, f"{command[0]}: {error.strerror}"))
        return
    try:
        said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        put(CommandRan(incident, -1, f"stopped after {PATIENCE_S:.0f} s"))
        return
    put(CommandRan(incident, process.returncode or 0, said.decode("utf-8", "replace")))
