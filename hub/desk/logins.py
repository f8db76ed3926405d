"""The first two logins of a folder, and a `working.db` that cannot be read (用户文件损坏).

Who may log in must not keep the duty room from working: a damaged file is set aside as it is and
begun anew. The ledger has who was entered, as what, and who was shut out; it has no password, so
the first two logins get new ones, told once, and the administrator gives the others theirs.
"""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from hub import soundness, store
from hub.desk.accounts import Account, Accounts, facts
from hub.events import AccountChanged
from hub.folder import Folder
from hub.soundness import Damaged
from hub.words import Sentence

FIRST = (("officer", "officer", "值班员"), ("administrator", "admin", "管理员"))

Login = tuple[str, str, str]  # role, user, password


def opened(folder: Folder, wall: int) -> Accounts:
    """The accounts of a folder that no hub works on; `wall`: now, ms UTC. Raises OSError, and
    sqlite3.Error when it is not the file's fault."""
    try:
        soundness.check_pages(folder.working)
    except Damaged as damage:
        aside = folder.set_aside(wall, folder.working)
        accounts = Accounts(folder.working)
        accounts.begun_anew(wall, str(damage), str(aside.relative_to(folder.path)))
        return accounts
    return Accounts(folder.working)


async def first(folder: Folder, wall: int) -> list[Login]:
    """Where nobody may log in: two who may. -> both, to be told once. Raises as `opened`."""
    with closing(opened(folder, wall)) as accounts:
        if accounts.users():
            return []
        known = _on_record(folder.ledger)
        if known and not accounts.told_anew():
            accounts.begun_anew(wall, "missing", "")
        made = []
        for role, user, name in FIRST:
            password = secrets.token_urlsafe(9)
            old = known.pop(user, None)
            await accounts.create(user, old.name if old else name, role, password)
            made.append((role, user, password))
        accounts.restore(list(known.values()))
        return made


async def another_password(folder: Folder, user: str, wall: int) -> Login:
    """Who has forgotten it gets another one, to be told once; the ledger has it when the hub
    starts. Raises Sentence: there is no such login, or it is shut out; else as `opened`."""
    try:
        soundness.check_pages(folder.working)
    except Damaged as damage:
        raise Sentence(
            f"{folder.working} 已损坏：请先启动一次主机，它会移开这个文件并印出两个新口令。",
            f"{folder.working} is damaged: start the hub once, it sets the file aside and prints"
            " two new passwords.",
        ) from damage
    with closing(opened(folder, wall)) as accounts:
        account = accounts.find(user)
        if account is None or account.disabled:
            there = [each.user for each in accounts.users() if not each.disabled]
            raise Sentence(
                f"没有可登录的用户“{user}”：现有 {'、'.join(there) or '（无）'}。",
                f"No user {user} may log in; there are: {', '.join(there) or 'none'}.",
            )
        password = secrets.token_urlsafe(9)
        await accounts.reset_password(user, password, wall)
        return account.role, user, password


def resets(accounts: Accounts, ledger: sqlite3.Connection) -> Iterator[AccountChanged]:
    """What `another_password` did and the ledger does not have yet: one row for each."""
    for since, account in accounts.resets():
        known = ledger.execute(
            "SELECT 1 FROM ledger WHERE kind = 'account' AND body IS NOT NULL"
            " AND json_extract(body, '$.since') = ?",
            (str(since),),
        ).fetchone()
        if known:
            accounts.recorded_reset(since)
        else:
            yield AccountChanged("hub", "password", {**facts(account), "since": str(since)}, {})


def _on_record(ledger: Path) -> dict[str, Account]:
    """Who was entered on the page of users, as the ledger has it; nobody where it cannot be
    read."""
    found: dict[str, Account] = {}
    if not ledger.exists():
        return found
    try:
        with closing(store.connect_reader(ledger)) as db:
            for (body,) in db.execute(
                "SELECT body FROM ledger WHERE kind = 'account' AND body IS NOT NULL"
                " ORDER BY number"
            ):
                was = json.loads(body)
                old = found.get(was["user"])
                disabled = was["what"] == "disabled" or bool(
                    old and old.disabled and was["what"] != "enabled"
                )
                found[was["user"]] = Account(
                    was["user"], was["name"], was["role"], was["street"], disabled
                )
    except (sqlite3.Error, ValueError, KeyError):
        return {}
    return found
