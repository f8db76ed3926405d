"""Who may sit at a desk: accounts, sessions and failed tries, in `working.db`.

Working state, not facts: a rebuild of the ledger never touches it. Passwords are argon2id with
OWASP's figures; a session is 256 random bits of which only the hash is stored. Where two share
one PC (第二值班员), a PIN tells which of them acts.
"""

import asyncio
import hashlib
import os
import re
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import argon2

from hub.desk import sessions
from hub.desk.roles import ROLES
from hub.desk.sessions import Sessions

WAITING = 16  # logins that may wait for the two hashing threads
PASSWORD_MOST = 1024
PIN = re.compile(r"[0-9]{4,8}")
HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    user TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, role TEXT NOT NULL, password TEXT NOT NULL,
    street TEXT NOT NULL DEFAULT '',           -- of the role street: the one it sees
    disabled INTEGER NOT NULL DEFAULT 0,       -- may not log in; its name stays its own
    pin TEXT NOT NULL DEFAULT ''               -- hashed; empty: none
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS anew (              -- begun anew, because the one before was no use
    since INTEGER PRIMARY KEY,                 -- ms UTC
    said TEXT NOT NULL, aside TEXT NOT NULL    -- what was seen; where the old one is
);
CREATE TABLE IF NOT EXISTS resets (            -- passwords set at the box, not yet in the ledger
    since INTEGER PRIMARY KEY, user TEXT NOT NULL
);
"""
# columns that an older file may lack
LATER = (
    ("users", "street", "TEXT NOT NULL DEFAULT ''"),
    ("users", "disabled", "INTEGER NOT NULL DEFAULT 0"),
    ("users", "pin", "TEXT NOT NULL DEFAULT ''"),
    ("sessions", "second", "TEXT NOT NULL DEFAULT ''"),
)
ACCOUNT = "user, name, role, street, disabled"
NEVER_SECRET = ("user", "name", "role", "street")


class Account(NamedTuple):
    """A person: `user` logs in, `name` is what the ledger and colleagues read; `street`: of a
    street's duty room, the one whose sites it sees."""

    user: str
    name: str
    role: str
    street: str = ""
    disabled: bool = False

    def sees(self, street: str) -> bool:
        """Whether what happens in that street is this person's to see."""
        return self.role != "street" or street == self.street


class TooManyTries(Exception):
    """The account is locked for this address; `wait_s` until the next try counts."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many failed logins: wait {wait_s} s")
        self.wait_s = wait_s


class Accounts:
    """`path` of working.db, or `:memory:`; `clock` -> seconds since 1970; `hasher`: of new
    passwords.

    One instance belongs to one event loop's thread; only the hashing leaves it.
    """

    def __init__(
        self,
        path: str | Path,
        clock: Callable[[], float] = time.time,
        hasher: argon2.PasswordHasher = HASHER,
    ) -> None:
        if str(path) != ":memory:":
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._db = sqlite3.connect(path, isolation_level=None, timeout=1)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA + sessions.SCHEMA.format(where="main"))
        for table, column, type_ in LATER:
            there = {row[1] for row in self._db.execute(f"PRAGMA table_info({table})")}
            if column not in there:
                self._db.execute(f"ALTER TABLE {table} ADD COLUMN {column} {type_}")
        self._sessions = Sessions(self._db, clock)
        self._hasher = hasher
        self._pool = ThreadPoolExecutor(2, "password")
        self._nobody = self._hasher.hash(secrets.token_hex())
        self._waiting = 0

    def close(self) -> None:
        """End the hashing threads and the connection."""
        self._pool.shutdown()
        self._db.close()

    async def create(
        self, user: str, name: str, role: str, password: str, street: str = ""
    ) -> None:
        """Make the account.

        Raises ValueError for an unknown role, an empty field or a street's account without its
        street, sqlite3.IntegrityError when another account has that user or that name: the ledger
        must tell two people apart.
        """
        _check(role, street)
        if not user or not name or not password:
            raise ValueError("user, name and password should not be empty")
        if len(password) > PASSWORD_MOST:
            raise ValueError(f"a password has at most {PASSWORD_MOST} characters")
        hashed = await self._hash(password)
        self._db.execute(
            "INSERT INTO users (user, name, role, street, password) VALUES (?,?,?,?,?)",
            (user, name, role, street, hashed),
        )

    def restore(self, people: list[Account]) -> None:
        """Who is on record, with a password that nobody has; who is there already stays."""
        self._db.executemany(
            "INSERT OR IGNORE INTO users (user, name, role, street, disabled, password)"
            " VALUES (?,?,?,?,?,?)",
            [(*each, self._nobody) for each in people],
        )

    def begun_anew(self, since: int, said: str, aside: str) -> None:
        """This file began at `since` (ms UTC), because the one before served no more."""
        self._db.execute("INSERT OR IGNORE INTO anew VALUES (?,?,?)", (since, said, aside))

    def told_anew(self) -> tuple[int, str, str] | None:
        """What `begun_anew` has noted last."""
        row = self._db.execute("SELECT * FROM anew ORDER BY since DESC LIMIT 1").fetchone()
        return tuple(row) if row else None

    def change(self, user: str, name: str, role: str, street: str = "") -> None:
        """Another name, role or street; its sessions end. Raises KeyError: there is no such
        account, and as `create`."""
        _check(role, street)
        if not name:
            raise ValueError("name should not be empty")
        if not self._db.execute(
            "UPDATE users SET name = ?, role = ?, street = ? WHERE user = ?",
            (name, role, street, user),
        ).rowcount:
            raise KeyError(user)
        self._sessions.end_of(user)

    def disable(self, user: str, disabled: bool = True) -> None:
        """Shut the account out at once, or let it in again. Raises KeyError: there is none."""
        done = self._db.execute(
            "UPDATE users SET disabled = ? WHERE user = ?", (disabled, user)
        ).rowcount
        if not done:
            raise KeyError(user)
        self._sessions.end_of(user)

    async def set_password(self, user: str, password: str) -> None:
        """A new password; its sessions end. Raises KeyError: there is no such account,
        ValueError: the password is empty or too long."""
        if not 0 < len(password) <= PASSWORD_MOST:
            raise ValueError(f"a password has 1 to {PASSWORD_MOST} characters")
        hashed = await self._hash(password)
        if not self._db.execute(
            "UPDATE users SET password = ? WHERE user = ?", (hashed, user)
        ).rowcount:
            raise KeyError(user)
        self._sessions.end_of(user)
        self._sessions.forget_user(user[:64])

    async def reset_password(self, user: str, password: str, since: int) -> None:
        """As `set_password`, by whoever stands at the box; noted until the ledger has it. `since`:
        now, ms UTC."""
        if self.find(user) is None:
            raise KeyError(user)
        self._db.execute("INSERT OR REPLACE INTO resets VALUES (?,?)", (since, user))
        await self.set_password(user, password)

    def resets(self) -> list[tuple[int, Account]]:
        """(since, whose) of passwords set at the box that are not yet on record."""
        rows = self._db.execute("SELECT since, user FROM resets ORDER BY since").fetchall()
        return [(since, each) for since, user in rows if (each := self.find(user))]

    def recorded_reset(self, since: int) -> None:
        """The ledger has it."""
        self._db.execute("DELETE FROM resets WHERE since = ?", (since,))

    async def set_pin(self, user: str, pin: str) -> None:
        """A new PIN of 4 to 8 digits, or none; sessions that the person shares end. Raises
        KeyError: there is no such account, ValueError: it is no PIN."""
        if pin and not PIN.fullmatch(pin):
            raise ValueError("a PIN has 4 to 8 digits")
        hashed = await self._hash(pin) if pin else ""
        if not self._db.execute(
            "UPDATE users SET pin = ? WHERE user = ?", (hashed, user)
        ).rowcount:
            raise KeyError(user)
        self._sessions.end_of(user, shared_only=True)

    def has_pin(self, user: str) -> bool:
        """Whether the person may share a PC."""
        row = self._db.execute("SELECT pin FROM users WHERE user = ?", (user,)).fetchone()
        return bool(row and row[0])

    def users(self) -> list[Account]:
        """Every account, by user."""
        found = self._db.execute(f"SELECT {ACCOUNT} FROM users ORDER BY user")
        return [_account(row) for row in found]

    async def login(self, user: str, password: str, address: str) -> str | None:
        """-> the new session's id, or None: wrong, and which of the two nobody is told.

        Raises TooManyTries.
        """
        right = await self.check(user, password, address)
        return self.begin(user) if right else None

    async def check(self, user: str, password: str, address: str) -> Account | None:
        """-> whose password it is. An unknown user takes as long as a known one. Raises
        TooManyTries."""
        who = f"{user[:64]} {address}"
        self._count_try(who)
        row = self._db.execute(
            "SELECT password FROM users WHERE user = ? AND NOT disabled", (user,)
        ).fetchone()
        right = await self._fits(row[0] if row else self._nobody, password)
        if not right or row is None:
            return None
        self._sessions.forget_tries(who)
        return self.find(user)

    def begin(self, user: str) -> str:
        """-> the id of a new session of whoever `check` has let in."""
        id_ = secrets.token_urlsafe(32)
        self._sessions.put(_hash(id_), user)
        return id_

    async def has_this_pin(self, user: str, pin: str) -> bool:
        """Whether it is that person's. Counts no tries: the caller has asked for a password."""
        row = self._db.execute("SELECT pin FROM users WHERE user = ?", (user,)).fetchone()
        return bool(row and row[0]) and await self._fits(row[0], pin)

    async def who_acts(self, session: str, pin: str, address: str) -> Account | None:
        """-> which of those who share the session; None: nobody's PIN. Raises TooManyTries."""
        if not PIN.fullmatch(pin):
            return None
        who = f"pin {_hash(session).hex()} {address}"
        self._count_try(who)
        for each in self.at(session):
            if await self.has_this_pin(each.user, pin):
                self._sessions.forget_tries(who)
                return each
        return None

    async def _hash(self, text: str) -> str:
        """On a hashing thread: the loop, and with it every desk, goes on meanwhile."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._hasher.hash, text)

    async def _fits(self, hashed: str, text: str) -> bool:
        if self._waiting >= WAITING:
            raise TooManyTries(5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self._matches, hashed, text
            )
        finally:
            self._waiting -= 1

    def _count_try(self, who: str) -> None:
        """Count first, hash later: tries sent at once are tries all the same."""
        if wait_s := self._sessions.count_try(who):
            raise TooManyTries(wait_s)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return self._hasher.verify(hashed, password[: PASSWORD_MOST + 1])
        except argon2.exceptions.VerificationError:
            return False

    def whose(self, session: str) -> Account | None:
        """The account of a live session."""
        found = self._sessions.find(_hash(session))
        account = self.find(found[0]) if found else None
        return account if account and not account.disabled else None

    def find(self, user: str) -> Account | None:
        """That account, shut out or not."""
        row = self._db.execute(f"SELECT {ACCOUNT} FROM users WHERE user = ?", (user,)).fetchone()
        return _account(row) if row else None

    def at(self, session: str) -> list[Account]:
        """Who sits at a live session: one, or the two who share it, the second last."""
        first, found = self.whose(session), self._sessions.find(_hash(session))
        second = self.find(found[1]) if first and found else None
        return [each for each in (first, second) if each]

    def share(self, session: str, user: str) -> None:
        """A second person sits down at it; nobody (""): the first is alone again."""
        if found := self._sessions.find(_hash(session)):
            self._sessions.put(_hash(session), found[0], user)

    def touch(self, session: str) -> None:
        """A person used the page: the session's time begins again."""
        self._sessions.touch(_hash(session))

    def logout(self, session: str) -> None:
        """End one session, in every tab that shares it."""
        self._sessions.end(_hash(session))


def _check(role: str, street: str) -> None:
    if role not in ROLES:
        raise ValueError(f"role {role!r} should be one of {', '.join(ROLES)}")
    if (role == "street") != bool(street):
        raise ValueError("a street's account, and no other, names its street")


def _account(row: tuple[str, str, str, str, int]) -> Account:
    return Account(*row[:4], disabled=bool(row[4]))


def facts(account: Account) -> dict[str, str]:
    """What the ledger has of an account: never a secret."""
    return dict(zip(NEVER_SECRET, account[:4], strict=True))


def token(session: str) -> str:
    """What a page of this session must send with everything that is not a GET; derived, so that
    there is nothing more to store."""
    return hashlib.sha256(b"page token " + session.encode()).hexdigest()


def _hash(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()
