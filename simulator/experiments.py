"""Two things to see for oneself, each on a copy or in a world of its own: the demo's ledger and
processes stay as they are."""

import asyncio
import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

from hub.folder import Folder
from hub.store import connect_reader

ROOT = Path(__file__).resolve().parent.parent
LOCALES = {"zh": "zh_CN.UTF-8", "en": "C.UTF-8"}
SEEDS = "2"  # enough for each broken product, in two seconds
RUNS_WITHIN_S = 60.0
AT_BYTE = 12  # of the row's body: well inside its first words


async def flip_byte(folder: Folder, language: str) -> dict[str, Any]:
    """Copy the ledger, verify the copy, change one bit of one byte in it, verify again.

    -> {row, before, after, was, is, exit}: the row's number, what verify said each time, the byte
    in hex, and verify's last exit code. Raises OSError, sqlite3.Error, TimeoutError.
    """
    with tempfile.TemporaryDirectory(prefix="qianshao-copy-") as path:
        row = await asyncio.to_thread(_copy, folder, Path(path))
        _, before = await _verify(Path(path), language)
        was, now = await asyncio.to_thread(_flip, Path(path) / folder.ledger.name, row)
        code, after = await _verify(Path(path), language)
    return {
        "row": row,
        "before": before,
        "after": after,
        "was": f"{was:02x}",
        "is": f"{now:02x}",
        "exit": code,
    }


def _copy(folder: Folder, path: Path) -> int:
    """-> the row to be changed: the last press on record, else the last row."""
    if folder.head.exists():  # first: the ledger may be ahead of it, never behind
        (path / folder.head.name).write_bytes(folder.head.read_bytes())
    with (
        closing(connect_reader(folder.ledger)) as ledger,
        closing(sqlite3.connect(path / folder.ledger.name)) as copy,
    ):
        ledger.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        (row,) = copy.execute(
            "SELECT coalesce(max(CASE WHEN kind = 'reported' THEN number END), max(number))"
            " FROM ledger"
        ).fetchone()
    return int(row)


def _flip(ledger: Path, row: int) -> tuple[int, int]:
    """Past every rule of the database, as a hex editor would. -> the byte before and after."""
    with (
        closing(sqlite3.connect(ledger, isolation_level=None)) as db,
        db.blobopen("ledger", "body", row) as body,
    ):
        was = body[AT_BYTE]
        body[AT_BYTE] = was ^ 1
        return int(was), int(was) ^ 1


async def _verify(path: Path, language: str) -> tuple[int, str]:
    command = ("-m", "hub", "ledger", "verify", "--data", str(path))
    code, said = await _run(command, language)
    return code, said.replace(f"{path}/", "")


async def broken_world(name: str, language: str) -> dict[str, Any]:
    """Run a product that is broken on purpose in the virtual world.

    -> {first, replay, sum, exit}: its first wrong press, how to see it again, the verdicts,
    the exit code. Raises OSError, TimeoutError.
    """
    command = ("-m", "simulator", "simulate", "--broken", name, "--seeds", SEEDS)
    code, said = await _run(command, language)
    lines = said.splitlines()
    first = next((line for line in lines if line.startswith("first wrong press")), "")
    replay = next((line for line in lines if line.startswith("replay")), "")
    return {"first": first, "replay": replay, "sum": lines[-1] if lines else "", "exit": code}


async def _run(arguments: tuple[str, ...], language: str) -> tuple[int, str]:
    """One of our own commands, at low priority: the living chain goes first."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
        env={**os.environ, "LC_ALL": LOCALES[language]},
        preexec_fn=lambda: os.nice(10),
    )
    try:
        async with asyncio.timeout(RUNS_WITHIN_S):
            said, _ = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, said.decode("utf-8", "replace").strip()
