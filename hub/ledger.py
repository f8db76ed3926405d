"""The ledger: one hash-chained, append-only row for every fact the hub learns or decides.

A row's hash covers the digest of its body, not the body: a lawful erasure of a body leaves the
chain whole. The encoding is length-prefixed, so no two different rows have one encoding.
"""

import hashlib
import json
import sqlite3
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from hub.events import Now

FIRST_HASH = bytes(32)
LAST = (1 << 63) - 1  # no row has a higher number
_LENGTH = struct.Struct(">I").pack

SCHEMA = """
CREATE TABLE IF NOT EXISTS ledger (
    number INTEGER PRIMARY KEY,
    wall   INTEGER NOT NULL,
    steady INTEGER NOT NULL,
    kind   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    body   TEXT,
    digest BLOB NOT NULL,
    hash   BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS ledger_registry ON ledger (number) WHERE kind = 'registry';
CREATE INDEX IF NOT EXISTS ledger_account ON ledger (number) WHERE kind = 'account';
CREATE INDEX IF NOT EXISTS ledger_audited ON ledger (number) WHERE kind = 'audited';
CREATE TRIGGER IF NOT EXISTS ledger_no_delete BEFORE DELETE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
CREATE TRIGGER IF NOT EXISTS ledger_no_update BEFORE UPDATE ON ledger
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END;
"""


class Row(NamedTuple):
    """One fact. `wall`, `steady`: ms; `actor`: a person, a board, `city`, `hub` or `file`."""

    number: int
    wall: int
    steady: int
    kind: str
    actor: str
    body: dict[str, Any]


class Finding(NamedTuple):
    """What verify found: the row it is about, and the sentence in both languages."""

    number: int
    chinese: str
    english: str


_spell = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def dump(body: dict[str, Any]) -> str:
    """The one spelling of a body; its digest is over these bytes."""
    return _spell(body)


def chain_hash(
    previous: bytes, number: int, wall: int, steady: int, kind: str, actor: str, digest: bytes
) -> bytes:
    """sha256 over each field preceded by its length (4 bytes, big-endian)."""
    encoded: list[bytes] = []
    numbers = (b"%d" % number, b"%d" % wall, b"%d" % steady)
    for part in (previous, *numbers, kind.encode(), actor.encode(), digest):
        encoded += (_LENGTH(len(part)), part)
    return hashlib.sha256(b"".join(encoded)).digest()


def head(db: sqlite3.Connection) -> tuple[int, bytes]:
    """(number, hash) of the last row; (0, zeros) of an empty ledger."""
    row = db.execute("SELECT number, hash FROM ledger ORDER BY number DESC LIMIT 1").fetchone()
    return (row[0], row[1]) if row else (0, FIRST_HASH)


def append(
    db: sqlite3.Connection,
    last: tuple[int, bytes],
    now: Now,
    kind: str,
    actor: str,
    body: dict[str, Any],
) -> tuple[Row, bytes]:
    """Write the row after `last`; the caller's transaction makes it durable. -> (row, hash)."""
    text = dump(body)
    digest = hashlib.sha256(text.encode()).digest()
    number = last[0] + 1
    hash_ = chain_hash(last[1], number, now.wall, now.steady, kind, actor, digest)
    db.execute(
        "INSERT INTO ledger VALUES (?,?,?,?,?,?,?,?)",
        (number, now.wall, now.steady, kind, actor, text, digest, hash_),
    )
    return Row(number, now.wall, now.steady, kind, actor, body), hash_


def rows(db: sqlite3.Connection, after: int = 0) -> Iterator[Row]:
    """Every row with a body, in order."""
    for number, wall, steady, kind, actor, body in db.execute(
        "SELECT number, wall, steady, kind, actor, body FROM ledger WHERE number > ?"
        " ORDER BY number",
        (after,),
    ):
        if body is not None:
            yield Row(number, wall, steady, kind, actor, json.loads(body))


def verify(
    db: sqlite3.Connection,
    anchor: tuple[int, str] | None = None,
    after: int = 0,
    passed: Callable[[int], None] = lambda number: None,
    upto: int = LAST,
) -> Iterator[Finding]:
    """Yield what is wrong with the chain, row by row; nothing when it is whole. `after`: this
    row's hash is believed, and only what follows it, to and with `upto`, is looked at.

    `anchor`: the (number, hex hash) of a row that once was the last: the ledger may be ahead of
    it, never behind, and that row must still have that hash. `passed` is told each row's number.
    """
    known = db.execute("SELECT hash FROM ledger WHERE number = ?", (after,)).fetchone()
    previous, expected = known[0] if known else FIRST_HASH, after + 1
    # texts as bytes: a flipped bit may have left something that is no UTF-8 any more
    for number, wall, steady, kind, actor, body, digest, hash_ in db.execute(
        "SELECT number, wall, steady, CAST(kind AS BLOB), CAST(actor AS BLOB),"
        " CAST(body AS BLOB), digest, hash FROM ledger WHERE number > ? AND number <= ?"
        " ORDER BY number",
        (after, upto),
    ):
        if number != expected:
            yield Finding(
                expected,
                f"第 {expected} 至 {number - 1} 行不见了",
                f"rows {expected} to {number - 1} are missing",
            )
        if body is None:
            yield Finding(
                number,
                "内容不见了，而没有哪一行记着删除它",
                "its body is missing and no row says it was erased",
            )
        elif hashlib.sha256(body).digest() != digest:
            yield Finding(
                number, "内容不是当时记下的", "its body is not the one that was recorded"
            )
        try:
            texts = (str(kind, "utf-8"), str(actor, "utf-8"))
            good = chain_hash(previous, number, wall, steady, *texts, digest)
        except (TypeError, ValueError):
            good = b""
        if good != hash_:
            yield Finding(
                number, "校验值接不上前一行", "its hash does not follow from the row before it"
            )
        if anchor and number == anchor[0] and not _is_hash(hash_, anchor[1]):
            yield Finding(
                number,
                "不是 head 文件记着的那一行",
                "it is not the row that the head file has on record",
            )
        previous, expected = hash_, number + 1
        passed(number)
    if anchor and expected - 1 < anchor[0]:
        yield Finding(
            anchor[0],
            f"head 文件记着这一行，台账却到第 {expected - 1} 行为止",
            f"the head file has this row on record, the ledger ends at {expected - 1}",
        )


def _is_hash(value: object, hex_: str) -> bool:
    return isinstance(value, bytes) and value.hex() == hex_


def export(db: sqlite3.Connection, upto: int = LAST) -> Iterator[str]:
    """One JSON object a line: all fields of each row, digest and hash in hex; to and with row
    `upto`."""
    for number, wall, steady, kind, actor, body, digest, hash_ in db.execute(
        "SELECT number, wall, steady, kind, actor, body, digest, hash FROM ledger"
        " WHERE number <= ? ORDER BY number",
        (upto,),
    ):
        yield json.dumps(
            {
                "number": number,
                "wall": wall,
                "steady": steady,
                "kind": kind,
                "actor": actor,
                "body": None if body is None else json.loads(body),
                "digest": digest.hex(),
                "hash": hash_.hex(),
            },
            ensure_ascii=False,
        )


class BadLine(ValueError):
    """Line `number` of an export is no row of a ledger; both say why."""

    def __init__(self, number: int, chinese: str, english: str) -> None:
        super().__init__(f"line {number} is not a row of a ledger: {english}")
        self.number, self.chinese, self.english = number, chinese, english


def load(db: sqlite3.Connection, lines: Iterator[str]) -> int:
    """Fill an empty ledger from an export. -> how many rows. Raises BadLine, ValueError for what
    is no UTF-8."""
    count = 0
    for count, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            body = None if row["body"] is None else dump(row["body"])
            db.execute(
                "INSERT INTO ledger VALUES (?,?,?,?,?,?,?,?)",
                (
                    *(row[key] for key in ("number", "wall", "steady", "kind", "actor")),
                    body,
                    bytes.fromhex(row["digest"]),
                    bytes.fromhex(row["hash"]),
                ),
            )
        except json.JSONDecodeError as error:
            at = error.pos + 1
            raise BadLine(
                count, f"第 {at} 个字符处不是 JSON", f"no JSON at character {at}"
            ) from error
        except KeyError as error:
            raise BadLine(count, f"缺 {error}", f"{error} is missing") from error
        except sqlite3.IntegrityError as error:
            raise BadLine(count, "行号重复", "a row of its number came before") from error
        except (ValueError, TypeError, OverflowError, RecursionError, sqlite3.Error) as error:
            raise BadLine(count, "有一项的值不对", "a value is none of a row's") from error
    return count
