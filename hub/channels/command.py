"""The configured command: a relay, a siren, a script of the house.

It runs once for each untaken incident, and once more for each person whose way it is: then
`QIANSHAO_PERSON`, `QIANSHAO_ADDRESS` and `QIANSHAO_TEXT` stand beside the incident's facts, and
exit code 0 is `accepted`.
"""

import asyncio
import os
import signal
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from hub.channels.channel import Facts, Means, Person, Receipt, Text
from hub.events import CommandRan, Event

PATIENCE_S = 60.0
SAID_BYTES = 4096  # of what it prints so much is kept; the rest is read and forgotten
FACTS = ("id", "kind", "board", "site", "site_name", "place", "street", "contact", "presses")


class Command:
    """`address`: whatever the command understands, mostly a telephone number."""

    def __init__(self, means: Means) -> None:
        self.means = means

    @staticmethod
    def missing(address: str, facts: Facts) -> str:
        return "" if facts.settings.escalation.command else "no_command"

    async def send(self, text: Text, person: Person) -> Receipt:
        told = {"person": person.name, "address": person.address, "text": text.words}
        command = self.means.look().settings.escalation.command
        code, said = await _run(command, {**text.facts, **told}, PATIENCE_S)
        return Receipt("accepted") if code == 0 else Receipt("failed", f"{code} {said}".strip())


async def run(
    command: Sequence[str],
    reader: sqlite3.Connection,
    incident: str,
    put: Callable[[Event], None],
    patience_s: float = PATIENCE_S,
) -> None:
    """For an incident; its end comes back as an event. Cancelled, it leaves no process behind and
    is due again."""
    facts = incident_facts(reader, incident)
    if facts is None or not command:
        put(CommandRan(incident, -1, "no command is configured"))
        return
    put(CommandRan(incident, *(await _run(command, facts, patience_s))))


def incident_facts(reader: sqlite3.Connection, incident: str) -> dict[str, Any] | None:
    """What programs are told of an incident."""
    row = reader.execute("SELECT * FROM incidents WHERE id = ?", (incident,)).fetchone()
    return {name: row[name] for name in FACTS} if row else None


async def _run(
    command: Sequence[str], facts: Mapping[str, Any], patience_s: float
) -> tuple[int, str]:
    """-> (exit code, what it printed); -1: it could not start, or was stopped. The facts are in
    its environment (QIANSHAO_ID, QIANSHAO_KIND, ...)."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            env={**os.environ, **{f"QIANSHAO_{k.upper()}": str(v) for k, v in facts.items()}},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # so that its own children can be ended with it
        )
    except OSError as error:
        return -1, f"{command[0]}: {error.strerror}"
    assert process.stdout is not None
    said = bytearray()
    try:
        async with asyncio.timeout(patience_s):
            while part := await process.stdout.read(SAID_BYTES):
                said += part[: SAID_BYTES - len(said)]
            code = await process.wait()
    except TimeoutError:
        return -1, f"stopped after {patience_s:.0f} s"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
    return code, said.decode("utf-8", "replace")
