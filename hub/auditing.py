"""`ledger verify | export | rebuild`: what an auditor needs, offline, beside a running hub too."""

import argparse
import io
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from hub import ledger, schema, store
from hub.folder import Folder, whole_file
from hub.words import Sentence, words

WHOLE, FOUND, UNREADABLE = 0, 1, 2


def add_arguments(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The verb `ledger` and its three works."""
    parser = verbs.add_parser(
        "ledger",
        help="verify, export or rebuild the record",
        epilog="example: ./qianshao ledger verify --data /srv/nanshan",
    )
    works = parser.add_subparsers(dest="work", required=True, metavar="WORK")
    verify = works.add_parser(
        "verify",
        help="exit 0: whole; 1: something was changed, the row is named; 2: unreadable",
        epilog="example: ./qianshao ledger verify --data /srv/nanshan",
    )
    verify.set_defaults(run=_verify)
    export = works.add_parser(
        "export",
        help="one JSON object a line, on stdout",
        epilog="example: ./qianshao ledger export --data /srv/nanshan > nanshan.jsonl",
    )
    export.set_defaults(run=_export)
    rebuild = works.add_parser(
        "rebuild",
        help="make a data folder's ledger and tables from an export alone",
        epilog="example: ./qianshao ledger rebuild --from nanshan.jsonl --data /srv/again",
    )
    rebuild.add_argument("--from", dest="source", type=Path, required=True, help="an export")
    rebuild.set_defaults(run=_rebuild)
    for each in (verify, export, rebuild):
        each.add_argument("--data", type=Path, required=True, help="data folder")


def _open(folder: Folder) -> sqlite3.Connection:
    if not folder.ledger.exists():
        raise Sentence(
            f"{folder.path} 里没有 ledger.db。",
            f"There is no ledger.db in {folder.path}.",
        )
    db = store.connect_reader(folder.ledger)
    db.execute("BEGIN")  # one moment of it, whatever a hub at work adds meanwhile
    return db


def anchor(folder: Folder) -> tuple[int, str] | None:
    """The head file is read before the ledger: a hub at work only moves ahead of it."""
    try:
        anchor = folder.last_row()
        return anchor if anchor[0] else None
    except (OSError, ValueError) as error:
        raise Sentence(
            f"{folder.head} 读不出来：{error}。", f"{folder.head} cannot be read: {error}."
        ) from error


def _verify(args: argparse.Namespace) -> int:
    folder = Folder(args.data)
    found = WHOLE
    try:
        known = anchor(folder)
        with closing(_open(folder)) as db:
            for number, zh, en in ledger.verify(db, known):
                print(words(f"第 {number} 行：{zh}", f"row {number}: {en}"))
                found = FOUND
            number, hash_ = ledger.head(db)
    except sqlite3.Error as error:
        print(words(f"台账读不出来：{error}", f"the ledger cannot be read: {error}"))
        return UNREADABLE
    if found == WHOLE:
        print(words(f"完整：{number} 行", f"whole: {number} rows") + f" {hash_.hex()}")
        if known is None:
            told = words(
                f"没有 {folder.head}：末尾若被截去，这里看不出来。",
                f"There is no {folder.head}: rows cut off at the end would not be seen.",
            )
            print(told, file=sys.stderr)
    return found


def _export(args: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        with closing(_open(Folder(args.data))) as db:
            for line in ledger.export(db):
                sys.stdout.write(line + "\n")
    except (sqlite3.Error, ValueError) as error:
        raise Sentence(f"台账读不出来：{error}", f"the ledger cannot be read: {error}") from error
    return 0


def _rebuild(args: argparse.Namespace) -> int:
    folder = Folder(args.data)
    if folder.ledger.exists():
        raise Sentence(
            f"{folder.ledger} 已存在：重建只写入新目录。",
            f"{folder.ledger} exists: a rebuild writes only into a new folder.",
        )
    was_there = folder.path.exists()
    try:
        with args.source.open(encoding="utf-8") as lines:
            folder.make()
            count, district, head = _load(folder.ledger, lines)
    except (OSError, ValueError, sqlite3.Error) as error:
        folder.ledger.unlink(missing_ok=True)
        if not was_there:
            with suppress(OSError):
                folder.path.rmdir()
        why = getattr(error, "strerror", None) or error
        raise Sentence(
            f"不能从 {args.source} 重建：{why}。请给出 ledger export 导出的文件。",
            f"{args.source} cannot be rebuilt: {why}. Name a file that ledger export wrote.",
        ) from error
    whole_file(folder.head, head)
    if not folder.exists():
        folder.create(district, district)
    print(words(f"已重建 {count} 行", f"rebuilt {count} rows"))
    left = words(
        "登记册、设置、用户和密钥不在导出里：请从备份放回 registry.json、qianshao.toml、working.db"
        " 和 secrets/，否则没有终端能连上。",
        "Registry, settings, users and secrets are no part of an export: put registry.json,"
        " qianshao.toml, working.db and secrets/ back from a backup, or no board can connect.",
    )
    print(left, file=sys.stderr)
    return 0


def _load(path: Path, lines: Iterable[str]) -> tuple[int, str, str]:
    """-> rows, district, the head file's text. Raises ValueError, sqlite3.Error, OSError."""
    with closing(store.connect(path)) as db:
        db.execute("BEGIN IMMEDIATE")
        schema.prepare(db)
        count = ledger.load(db, iter(lines))
        for number, zh, en in ledger.verify(db):
            raise ValueError(words(f"第 {number} 行：{zh}", f"row {number}: {en}"))
        store.replay(db, ledger.rows(db), _progress)
        found = db.execute("SELECT value FROM about WHERE key = 'district'").fetchone()
        if found is None:
            raise ValueError("it does not begin with a ledger's birth")
        db.execute("COMMIT")
        number, hash_ = ledger.head(db)
        return count, str(found["value"]), f"{number} {hash_.hex()}\n"


def _progress(number: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number}", end="", file=sys.stderr)
