"""`ledger verify | export | rebuild`: what an auditor needs, offline, beside a running hub too."""

import argparse
import io
import re
import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing, suppress
from pathlib import Path

from hub import ledger, schema, store
from hub.arguments import DATA, Verbs, path, unfit
from hub.folder import Folder, whole_file
from hub.words import Sentence, words

WHOLE, FOUND, UNREADABLE = 0, 1, 2


def add_arguments(verbs: Verbs) -> None:
    """The verb `ledger` and its three works."""
    parser = verbs.add_parser(
        "ledger",
        help=words("核对、导出、重建台账", "verify, export or rebuild the record"),
        example="ledger verify --data /srv/nanshan",
    )
    works = parser.add_subparsers(dest="work", required=True, metavar=words("做什么", "WORK"))
    verify = works.add_parser(
        "verify",
        help=words(
            "退出码 0：完整；1：有改动，指出是哪一行；2：读不出来",
            "exit 0: whole; 1: something was changed, the row is named; 2: unreadable",
        ),
        example="ledger verify --from nanshan.jsonl --head HASH",
    )
    verify.add_argument(
        "--head",
        type=_hash,
        default="",
        metavar="HASH",
        help=words(
            "必须还在的一行的哈希：以前导出或核对时的末行",
            "of a row that must be there still: the last one of an earlier export or check",
        ),
    )
    what = verify.add_mutually_exclusive_group(required=True)
    what.add_argument("--data", type=path, help=DATA)
    export_file = words("ledger export 导出的文件", "what ledger export wrote")
    what.add_argument("--from", dest="source", type=path, metavar="EXPORT", help=export_file)
    verify.set_defaults(run=_verify)
    export = works.add_parser(
        "export",
        help=words("一行一个 JSON，写到标准输出", "one JSON object a line, on stdout"),
        example="ledger export --data /srv/nanshan > nanshan.jsonl",
    )
    export.set_defaults(run=_export)
    rebuild = works.add_parser(
        "rebuild",
        help=words(
            "只凭导出的文件，在新目录里重建台账和全部表",
            "make a data folder's ledger and tables from an export alone",
        ),
        example="ledger rebuild --from nanshan.jsonl --data /srv/again",
    )
    rebuild.add_argument(
        "--from", dest="source", type=path, required=True, metavar="EXPORT", help=export_file
    )
    rebuild.set_defaults(run=_rebuild)
    for each in (export, rebuild):
        each.add_argument("--data", type=path, required=True, help=DATA)


def _hash(text: str) -> str:
    if text and not re.fullmatch("[0-9a-f]{64}", text):  # empty: the default
        raise unfit(f"{text} 应为 64 位十六进制数", f"{text} should be 64 hex digits")
    return text


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
    found = WHOLE
    try:
        known = None if args.source else anchor(Folder(args.data))
        opened = _loaded(args.source) if args.source else _open(Folder(args.data))
        with closing(opened) as db:
            for number, zh, en in (*ledger.verify(db, known), *_missed(db, args.head)):
                print(words(f"第 {number} 行：{zh}", f"row {number}: {en}"))
                found = FOUND
            number, hash_ = ledger.head(db)
    except sqlite3.Error as error:
        print(words(f"台账读不出来：{error}", f"the ledger cannot be read: {error}"))
        return UNREADABLE
    if found == WHOLE:
        print(words(f"完整：{number} 行", f"whole: {number} rows") + f" {hash_.hex()}")
        if known is None and not args.head:
            told = words(
                "没有 head 可比：末尾若被截去，这里看不出来。请用 --head 给出导出时抄下的哈希。",
                "There is no head to compare with: rows cut off at the end would not be seen."
                " Give --head the hash that was told at the export.",
            )
            print(told, file=sys.stderr)
        elif known is None and args.head != hash_.hex():
            told = words(
                "--head 给出的不是末行：它以后的行末尾若被截去，这里看不出来。",
                "--head is not the last row: rows cut off after it would not be seen.",
            )
            print(told, file=sys.stderr)
    return found


def _missed(db: sqlite3.Connection, head: str) -> Iterable[ledger.Finding]:
    """The row that once was the last is not there any more."""
    there = "SELECT 1 FROM ledger WHERE hash = ?"
    if head and db.execute(there, (bytes.fromhex(head),)).fetchone() is None:
        last, _ = ledger.head(db)
        chinese = "到此为止，没有哪一行的哈希是 --head 给出的：末尾被截去，或改过"
        english = "here it ends, and no row has the hash of --head: cut off or changed"
        yield ledger.Finding(last, chinese, english)


def _loaded(source: Path) -> sqlite3.Connection:
    """An export, as a ledger in memory. Raises Sentence."""
    db = store.connect(":memory:")
    try:
        schema.prepare(db)
        with source.open(encoding="utf-8") as lines:
            if not ledger.load(db, iter(lines)):
                raise ValueError(words("里面没有一行", "there is no row in it"))
    except (OSError, ValueError) as error:
        db.close()
        raise Sentence(
            f"{source} 读不出来：{_why(error)}。请给出 ledger export 导出的文件。",
            f"{source} cannot be read: {_why(error)}. Name a file that ledger export wrote.",
        ) from error
    return db


def _why(error: Exception) -> str:
    if isinstance(error, ledger.BadLine):
        return words(
            f"第 {error.number} 行不是台账的一行（{error.chinese}）",
            f"line {error.number} is no row of a ledger ({error.english})",
        )
    if isinstance(error, UnicodeDecodeError):
        return words("不是 UTF-8 文本", "it is no UTF-8 text")
    return str(getattr(error, "strerror", None) or error)


def _export(args: argparse.Namespace) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        with closing(_open(Folder(args.data))) as db:
            for line in ledger.export(db):
                sys.stdout.write(line + "\n")
            number, hash_ = ledger.head(db)
    except (sqlite3.Error, ValueError) as error:
        raise Sentence(f"台账读不出来：{error}", f"the ledger cannot be read: {error}") from error
    told = words(
        f"已导出 {number} 行。请另外抄下末行的哈希，核对时给 --head：{hash_.hex()}",
        f"{number} rows. Keep the last one's hash apart from them, for verify --head:"
        f" {hash_.hex()}",
    )
    print(told, file=sys.stderr)
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
        raise Sentence(
            f"不能从 {args.source} 重建：{_why(error)}。请给出 ledger export 导出的文件。",
            f"{args.source} cannot be rebuilt: {_why(error)}. Name a file that ledger export"
            " wrote.",
        ) from error
    whole_file(folder.head, head)
    if not folder.exists():
        folder.create(district, district)
    hash_ = head.split()[1]
    print(words(f"已重建 {count} 行，末行", f"rebuilt {count} rows, the last") + f" {hash_}")
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
            raise ValueError(words("没有台账开始的那一行", "no row says where the ledger begins"))
        db.execute("COMMIT")
        number, hash_ = ledger.head(db)
        return count, str(found["value"]), f"{number} {hash_.hex()}\n"


def _progress(number: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{number}", end="", file=sys.stderr)
