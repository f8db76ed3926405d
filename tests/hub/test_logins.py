"""`working.db` is damaged or gone: the duty goes on, who was on record stays, all are told."""

import asyncio
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub import emergency
from hub.desk import logins
from hub.desk.accounts import Account, Accounts
from hub.events import AccountChanged, AccountsLost
from hub.folder import Folder
from hub.words import Sentence
from tests.desk.client import Client
from tests.hub.duty import Duty, browser, run, until
from tests.hub.test_emergency import DAMAGES, House, begin, flip

__all__ = ["begin"]

WALL = 1_780_000_000_000
ZHAO = {"user": "zhaoyun", "name": "赵云", "role": "officer", "street": ""}
GONE = {"user": "sunce", "name": "孙策", "role": "leader", "street": ""}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """With two users on record, one of them shut out, and the first officer's name changed."""
    house = House(tmp_path / "data")
    room = house.open()
    chief = {"user": "officer", "name": "值班一", "role": "officer", "street": ""}
    for what, account in (
        ("added", ZHAO),
        ("added", GONE),
        ("disabled", GONE),
        ("changed", chief),
        ("password", GONE),
    ):
        room.do(AccountChanged("管理员", what, account, {}))
    house.close()
    return house.folder


def first(folder: Folder) -> list[logins.Login]:
    return asyncio.run(logins.first(folder, WALL))


def people(folder: Folder) -> list[Account]:
    with closing(Accounts(folder.working)) as accounts:
        return accounts.users()


def test_a_new_folder_has_two_logins_and_nothing_to_tell(tmp_path: Path) -> None:
    new = Folder(tmp_path / "data")
    new.create("nanshan", "南山区值班室")
    made = first(new)
    assert [each[:2] for each in made] == [("officer", "officer"), ("administrator", "admin")]
    with closing(Accounts(new.working)) as accounts:
        assert accounts.told_anew() is None
        for _, user, password in made:
            assert asyncio.run(accounts.login(user, password, "10.0.0.1"))
    assert first(new) == []


@pytest.mark.parametrize("kind", [*DAMAGES, "page", "gone"])
def test_who_is_on_record_stays_and_only_the_first_two_have_a_password(
    folder: Folder, kind: str
) -> None:
    first(folder)
    if kind == "gone":
        folder.working.unlink()
    elif kind == "page":
        flip(folder.working, 3 * 4096)
    else:
        DAMAGES[kind](folder.working)
    before = folder.working.read_bytes() if kind != "gone" else b""
    made = first(folder)
    assert [user for _, user, _ in made] == ["officer", "admin"]
    with closing(Accounts(folder.working)) as accounts:
        assert sorted(accounts.users()) == [
            Account("admin", "管理员", "administrator"),
            Account("officer", "值班一", "officer"),
            Account("sunce", "孙策", "leader", disabled=True),
            Account("zhaoyun", "赵云", "officer"),
        ]
        assert asyncio.run(accounts.login("officer", made[0][2], "10.0.0.1"))
        assert asyncio.run(accounts.login("zhaoyun", "", "10.0.0.1")) is None
        told = accounts.told_anew()
    assert told and told[0] == WALL and told[1]
    if kind != "gone":
        assert (folder.path / told[2] / "working.db").read_bytes() == before
    assert first(folder) == []


def test_a_ledger_that_cannot_be_read_either_stops_nothing(folder: Folder) -> None:
    first(folder)
    for path in (folder.working, folder.ledger):
        DAMAGES["header"](path)
    assert len(first(folder)) == 2
    assert [each.user for each in people(folder)] == ["admin", "officer"]


def test_who_forgot_a_password_gets_another_and_it_is_on_record_once(folder: Folder) -> None:
    first(folder)
    login = asyncio.run(logins.another_password(folder, "officer", WALL))
    house = House(folder.path)
    room = house.open()
    with closing(Accounts(folder.working)) as accounts:
        assert asyncio.run(accounts.login("officer", login[2], "10.0.0.1"))
        for _ in range(3):  # starts, the last ones after it was recorded
            for reset in logins.resets(accounts, room.db):
                room.do(reset)
    rows = room.db.execute("SELECT actor, body FROM ledger WHERE kind = 'account'").fetchall()
    bodies = [json.loads(body) for actor, body in rows if actor == "hub"]
    assert [(each["what"], each["user"]) for each in bodies] == [("password", "officer")]
    assert login[2] not in json.dumps(bodies)
    house.close()
    assert {each.user: each.name for each in people(folder)}["officer"] == "值班一"


@pytest.mark.parametrize("user", ["nobody", "sunce"])
def test_nobody_gets_a_password_who_may_not_log_in(folder: Folder, user: str) -> None:
    first(folder)
    with pytest.raises(Sentence, match=f"“{user}”|No user {user}"):
        asyncio.run(logins.another_password(folder, user, WALL))


def test_it_is_on_record_once_and_a_warning_until_it_is_read(tmp_path: Path) -> None:
    house = House(tmp_path / "data")
    room = house.open()
    for since in (WALL, WALL, WALL + 1):  # two starts, and another damage
        room.do(AccountsLost(since, "malformed", "damaged/x"))
    assert room.ledger_kinds().count("accounts_lost") == 2
    warned = emergency.unread(room.db)
    assert [(each.why, each.aside) for each in warned] == [("accounts", "damaged/x")] * 2
    assert room.act("read_warning", "", row=warned[0].row) == "ok"
    assert len(emergency.unread(room.db)) == 1
    room.same_after_replay()
    house.close()


@pytest.mark.chain
def test_a_real_hub_starts_with_a_broken_file_of_users(begin: Callable[[], Duty]) -> None:
    duty = begin()
    folder = duty.folder
    admin = entered(duty)
    fields = {"token": admin.token, "do": "save", **ZHAO, "password": "tiger lily 1"}
    assert admin.form("/admin/users", None, **fields).status == 200
    assert duty.stop() == 0
    flip(folder.working, 0)
    broken = folder.working.read_bytes()
    duty = begin()
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        assert caller.receipt(caller.press())["answer"] == "stored"
    admin = entered(duty)
    until(lambda: "旧口令都已失效" in admin.get("/").text)
    assert "赵云" in admin.get("/admin/users").text and "damaged/" in admin.get("/admin").text
    (aside,) = folder.damaged.iterdir()
    assert (aside / "working.db").read_bytes() == broken
    rows = [json.loads(line) for line in exported(duty)]
    assert [row["kind"] for row in rows].count("accounts_lost") == 1
    assert duty.stop() == 0
    duty = begin()
    assert not [line for line in duty.lines if line.startswith("login")]
    assert [json.loads(line)["kind"] for line in exported(duty)].count("accounts_lost") == 1


def exported(duty: Duty) -> list[str]:
    return run("ledger", "export", "--data", str(duty.folder.path)).stdout.splitlines()


def entered(duty: Duty) -> Client:
    """A browser of the administrator, by what the start has printed."""
    (password,) = (line.split()[3] for line in duty.lines if line.startswith("login admin"))
    found = browser(duty)
    assert found.login("admin", password).status == 303
    return found
