"""The data folder: may it be used, is it whole, can its files be read, are its secrets closed."""

import json
import os
import shutil
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from hub import ledger, soundness
from hub.doctor.finding import Finding, Words, fine, missing, note
from hub.folder import Folder
from hub.words import Sentence

DISK_LEAST = 200_000_000  # bytes; a busy year of presses takes less
LAST_ROWS = 2000  # of the ledger's chain; all of it is verified by `ledger verify`
CLOCK_SLACK_MS = 2000
YEAR_LEAST = 2026
WARNINGS = {
    "damaged": ("台账损坏，已启用新台账", "the ledger was damaged, a new one began"),
    "missing": ("台账不见了，已启用新台账", "the ledger was gone, a new one began"),
    "set_back": ("台账退回到较早的一份", "the ledger was set back to an older copy"),
    "accounts": ("用户文件损坏或不见了，已重建", "the file of users was no use, a new one began"),
    "chain": ("台账有一行与原记录不符", "a row of the ledger is not as it was written"),
}


def look(folder: Folder) -> Iterator[Finding]:
    """Every look at an existing data folder."""
    yield usable(folder)
    yield disk(folder)
    yield settings(folder)
    yield registry(folder)
    yield secrets(folder)
    yield from users(folder)
    yield from record(folder)
    yield from warnings(folder)


def usable(folder: Folder) -> Finding:
    what = ("数据目录", "Data folder")
    for mode, zh, en in ((os.R_OK | os.X_OK, "读", "read"), (os.W_OK, "写", "write to")):
        if not os.access(folder.path, mode):
            return missing(
                what,
                (f"{folder.path} 不能{zh}", f"{folder.path}: this user may not {en} it"),
                (
                    f"用它的主人身份运行，或 chown -R {_me()} {folder.path}",
                    f"run as its owner, or chown -R {_me()} {folder.path}",
                ),
            )
    return fine(what, str(folder.path))


def _me() -> str:
    return os.environ.get("USER") or str(os.getuid())


def disk(folder: Folder) -> Finding:
    what = ("磁盘", "Disk")
    try:
        free = shutil.disk_usage(folder.path).free
    except OSError as error:
        return missing(what, (str(error),) * 2, ("检查磁盘", "look at the disk"))
    left = (f"还有 {free / 1e9:.1f} GB", f"{free / 1e9:.1f} GB free")
    if free < DISK_LEAST:
        return missing(
            what,
            (f"{left[0]}：新报警可能存不下", f"{left[1]}: new alarms may find no room"),
            (
                f"在 {folder.path} 所在的磁盘上腾出 1 GB",
                f"free 1 GB on the disk that holds {folder.path}",
            ),
        )
    return fine(what, left)


def settings(folder: Folder) -> Finding:
    what = ("设置", "Settings")
    try:
        found = folder.settings()
    except Sentence as sentence:
        return missing(what, _both(sentence), (f"改正 {folder.toml}", f"mend {folder.toml}"))
    return fine(what, f"{folder.toml.name}: {found.district} {found.name}")


def _both(sentence: Sentence) -> Words:
    return _bare(sentence.both)


def _bare(said: Words) -> Words:
    zh, en = said
    return zh.rstrip("。"), en.rstrip(".")


def registry(folder: Folder) -> Finding:
    """The file itself; what stands in its rows is checked by the hub that reads it."""
    what = ("登记册", "Registry")
    path, copy = folder.registry, folder.registry.with_suffix(".json.bak")
    if not path.exists() and not copy.exists():
        return note(what, ("还没有地点", "no site yet"))
    there = tables(path)
    if there is None:
        serves = tables(copy) is not None
        return missing(
            what,
            (f"{path} 已损坏", f"{path} is damaged")
            if serves
            else (f"{path} 和它的 .bak 都读不出来", f"neither {path} nor its .bak can be read"),
            (f"cp {copy} {path}",) * 2
            if serves
            else ("从备份恢复其中一个", "restore one of them from a backup"),
        )
    if wrong := _wrong(path):
        return missing(what, wrong, (f"改正 {path}", f"mend {path}"))
    sites, boards = (len(there.get(each) or ()) for each in ("sites", "boards"))
    return fine(what, (f"{sites} 个地点，{boards} 台终端", f"{sites} sites, {boards} boards"))


def _wrong(path: Path) -> Words | None:
    """What the hub itself would say of it; where its packages are not here, nothing."""
    try:
        from hub.registry import Registry
    except ImportError:
        return None
    try:
        said = Registry(path).notices
    except Sentence as sentence:
        return _both(sentence)
    return next((_bare(each) for each in said), None)


def tables(path: Path) -> dict[str, dict[str, Any]] | None:
    """A registry's tables by name, rows by number; None where it cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(found, dict) and all(isinstance(each, dict) for each in found.values())
    return found if whole else None


def secrets(folder: Folder) -> Finding:
    """Whoever reads the master secret may speak as any board."""
    what = ("密钥", "Secrets")
    master = folder.secrets / "master"
    try:
        folder.master()
    except Sentence:
        return missing(
            what,
            (f"{master} 不见了或不完整", f"{master} is gone or not whole"),
            (
                "从备份恢复它：换了它，所有终端都要重新登记",
                "restore it from a backup: with another one every board must be enrolled anew",
            ),
        )
    closed = [folder.secrets, master, folder.working, folder.broker]
    open_ = [each for each in closed if each.exists() and _mode(each) & 0o077]
    if open_:
        names = " ".join(map(str, open_))
        return missing(
            what,
            (f"别人也能读：{names}", f"others may read: {names}"),
            (f"chmod go= {names}",) * 2,
        )
    return fine(what, ("只有主人能读", "for their owner only"))


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def users(folder: Folder) -> Iterator[Finding]:
    """Only what is wrong with the file itself."""
    if not folder.working.exists():
        return
    try:
        soundness.check_pages(folder.working)
    except soundness.Damaged:
        step = (
            "重启主机：它会移开这个文件，印出两个新口令；管理员再给各人换口令",
            (
                "start the hub anew: it sets the file aside and prints two new passwords; an"
                " administrator then gives the others theirs"
            ),
        )
        said = (f"{folder.working} 已损坏", f"{folder.working} is damaged")
        yield missing(("用户", "Users"), said, step)


def record(folder: Folder) -> Iterator[Finding]:
    """The ledger against its head file, the end of its chain, and the clock against its end."""
    what = ("台账", "Ledger")
    if not folder.ledger.exists() and folder.head.exists():
        step = (
            f"从备份恢复 {folder.ledger}；没有备份，启动主机会另起新台账",
            f"restore {folder.ledger} from a backup; without one the hub begins a new ledger",
        )
        yield missing(what, ("不见了，head 文件还在", "is gone, its head file is here"), step)
        yield clock(0)
        return
    if not folder.ledger.exists():
        yield note(what, ("还没有（首次启动时建立）", "none yet (made at the first start)"))
        yield clock(0)
        return
    verify = (
        f"运行 ./qianshao ledger verify --data {folder.path}，保存好目录，再从备份恢复",
        f"run ./qianshao ledger verify --data {folder.path}, keep the folder, restore a backup",
    )
    try:
        # the head file first: a hub at work only moves ahead of it
        anchor = folder.last_row()
    except (OSError, ValueError) as error:
        step = (
            f"用 ./qianshao ledger verify --from 核对导出的文件，再删去 {folder.head}：主机会重写",
            (
                "verify an export by ./qianshao ledger verify --from, then remove"
                f" {folder.head}: the hub writes another"
            ),
        )
        yield missing(
            ("head 文件", "Head file"), (f"读不出来：{error}", f"cannot be read: {error}"), step
        )
        anchor = (0, "")
    try:
        with closing(sqlite3.connect(f"file:{folder.ledger}?mode=ro", uri=True)) as db:
            db.execute("BEGIN")
            last, hash_ = ledger.head(db)
            wall = db.execute("SELECT max(wall) FROM ledger WHERE number = ?", (last,)).fetchone()
            wrong = next(ledger.verify(db, anchor, max(0, last - LAST_ROWS)), None)
            found = db.execute("SELECT hash FROM ledger WHERE number = ?", anchor[:1]).fetchone()
    except (sqlite3.Error, OSError, ValueError, TypeError) as error:
        yield missing(what, (f"读不出来：{error}", f"cannot be read: {error}"), verify)
        return
    if anchor[0] and (found is None or bytes(found[0]).hex() != anchor[1]):
        yield missing(
            what,
            (
                f"与 head 文件（第 {anchor[0]} 行）不符：台账短了或被换过",
                f"is not what the head file says of row {anchor[0]}: cut short, or another one",
            ),
            verify,
        )
    elif wrong:
        number, zh, en = wrong
        yield missing(what, (f"第 {number} 行：{zh}", f"row {number}: {en}"), verify)
    else:
        end = hash_.hex()[:16]
        yield fine(
            what,
            (f"{last} 行，末尾 {end}，与 head 相符", f"{last} rows, ends {end}, as head says"),
        )
    yield clock(wall[0] or 0)


def warnings(folder: Folder) -> Iterator[Finding]:
    """What the hub has found about its ledger and nobody has read, and what it has set aside."""
    what = ("台账告警", "Ledger's warnings")
    try:
        with closing(sqlite3.connect(f"file:{folder.ledger}?mode=ro", uri=True)) as db:
            unread = db.execute(
                "SELECT row, why, said FROM warnings WHERE read_row IS NULL ORDER BY row"
            ).fetchall()
    except sqlite3.Error:
        unread = []  # what is wrong with the file itself has been said
    for row, why, said in unread:
        zh, en = WARNINGS[why]
        yield missing(
            what,
            (f"第 {row} 行：{zh}（{said}）", f"row {row}: {en} ({said})"),
            (
                "管理员登录后在“管理”页看过并按“已知悉”",
                "an administrator reads it on the page /admin and says so there",
            ),
        )
    if folder.damaged.exists():
        names = " ".join(sorted(each.name for each in folder.damaged.iterdir()))
        yield note(
            what,
            (
                f"{folder.damaged} 里有移出的台账：{names}",
                f"set aside in {folder.damaged}: {names}",
            ),
        )


def clock(last_wall: int) -> Finding:
    """`last_wall`: ms of the ledger's last row."""
    what = ("时钟", "Clock")
    now = time.time()
    reads = time.strftime("%Y-%m-%d %H:%M:%S +08:00", time.gmtime(now + 8 * 3600))
    step = (
        "对准时钟：接通 NTP，或 date -s",
        "set the clock: connect NTP, or use date -s",
    )
    behind_s = (last_wall - CLOCK_SLACK_MS - now * 1000) / 1000
    if time.gmtime(now).tm_year < YEAR_LEAST:
        return missing(what, (f"{reads}，不可能", f"{reads} cannot be"), step)
    if behind_s > 0:
        return missing(
            what,
            (
                f"{reads}，比台账末尾慢 {behind_s:.0f} 秒",
                f"{reads}, {behind_s:.0f} s behind the ledger's last row",
            ),
            step,
        )
    return fine(what, reads)
