"""The chain: a golden file of its encoding, and every change of a row is found and located."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from hub import ledger
from hub.events import Now
from hub.ledger import Finding

GOLDEN = Path(__file__).parent / "golden_ledger.jsonl"


def chain(rows: int = 5) -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(ledger.SCHEMA)
    head = ledger.head(db)
    for n in range(1, rows + 1):
        body = {"text": "已办结" if n % 2 else "é\u0000", "n": n}
        row, hash_ = ledger.append(db, head, Now(1_780_000_000_000 + n, n), "noted", "张伟", body)
        head = (row.number, hash_)
    db.executescript("DROP TRIGGER ledger_no_delete; DROP TRIGGER ledger_no_update;")
    return db


def test_the_encoding_is_the_golden_one_for_ever() -> None:
    assert list(ledger.export(chain())) == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_a_whole_chain_has_no_findings() -> None:
    db = chain()
    number, hash_ = ledger.head(db)
    assert list(ledger.verify(db)) == []
    assert list(ledger.verify(db, (number, hash_.hex()))) == []
    assert list(ledger.verify(db, (3, json.loads(list(ledger.export(db))[2])["hash"]))) == []


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ("UPDATE ledger SET body = replace(body, '3', '4') WHERE number = 3", 3),
        ("UPDATE ledger SET body = NULL WHERE number = 3", 3),
        ("UPDATE ledger SET wall = wall + 1 WHERE number = 2", 2),
        ("UPDATE ledger SET actor = '李敏' WHERE number = 4", 4),
        ("UPDATE ledger SET kind = 'closed' WHERE number = 4", 4),
        ("UPDATE ledger SET digest = zeroblob(32) WHERE number = 2", 2),
        ("UPDATE ledger SET hash = zeroblob(32) WHERE number = 2", 2),
        ("DELETE FROM ledger WHERE number = 3", 3),
        ("UPDATE ledger SET body = CAST(X'FF' AS TEXT) WHERE number = 5", 5),
    ],
)
def test_a_changed_row_is_found_and_located(change: str, row: int) -> None:
    db = chain()
    db.execute(change)
    findings = list(ledger.verify(db))
    assert findings
    assert findings[0].number == row


def test_swapped_rows_are_found() -> None:
    db = chain()
    db.executescript(
        "UPDATE ledger SET number = 99 WHERE number = 2;"
        "UPDATE ledger SET number = 2 WHERE number = 3;"
        "UPDATE ledger SET number = 3 WHERE number = 99;"
    )
    assert next(ledger.verify(db)).number == 2


def test_a_shortened_ledger_is_found_by_its_anchor() -> None:
    db = chain()
    number, hash_ = ledger.head(db)
    db.execute("DELETE FROM ledger WHERE number = 5")
    assert list(ledger.verify(db)) == []
    assert list(ledger.verify(db, (number, hash_.hex()))) == [
        Finding(
            5,
            "head 文件记着这一行，台账却到第 4 行为止",
            "the head file has this row on record, the ledger ends at 4",
        )
    ]


def test_a_rewritten_chain_is_found_by_its_anchor() -> None:
    db = chain()
    number, hash_ = ledger.head(db)
    other = chain(4)
    head = ledger.head(other)
    ledger.append(other, head, Now(1, 1), "noted", "张伟", {"text": "another past"})
    (finding,) = ledger.verify(other, (number, hash_.hex()))
    assert finding.number == 5


@pytest.mark.parametrize(
    "spoil",
    [
        lambda line: line[:40],
        lambda line: line.replace('"kind"', '"sort"'),
        lambda line: line.replace('"hash": "', '"hash": "zz'),
        lambda line: "[]",
    ],
)
def test_a_broken_export_names_its_line(spoil: Callable[[str], str]) -> None:
    lines = list(ledger.export(chain()))
    lines[2] = spoil(lines[2])
    db = sqlite3.connect(":memory:", isolation_level=None)
    db.executescript(ledger.SCHEMA)
    with pytest.raises(ValueError, match="line 3 is not a row"):
        ledger.load(db, iter(lines))
