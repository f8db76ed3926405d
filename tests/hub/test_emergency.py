"""The ledger is damaged, gone, set back or changed: the duty goes on, and everybody is told."""

import json
import queue
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import debian, emergency, store
from hub.doctor import folder as doctor
from hub.events import ChainBroken, CityReceipt, CityTold
from hub.folder import Folder, free_port
from hub.settings import Settings
from hub.soundness import Damaged, examine, look
from tests.hub.duty import Caller, Duty, logged_in, run, until
from tests.hub.room import Registry, Room
from tests.hub.test_running import fill

SETTINGS = Settings(district="nanshan", name="南山区值班室")


class House:
    """A folder whose ledger is opened, filled and closed, start after start of a hub."""

    def __init__(self, path: Path) -> None:
        self.folder = Folder(path)
        self.folder.create("nanshan", "南山区值班室")
        self.room = Room(SETTINGS)  # its clock, its boards
        self.room.db.close()

    def open(self) -> Room:
        hub = store.open_ledger(self.folder, Registry(), SETTINGS, self.room.now())
        self.room.db, self.room.hub = hub.db, hub
        return self.room

    def close(self) -> None:
        number, hash_ = self.room.hub.head
        self.folder.head.write_text(f"{number} {hash_.hex()}\n")
        self.room.db.close()

    def filled(self, presses: int) -> None:
        room = self.open()
        for _ in range(presses):
            room.ms += 60_000
            room.do(room.report("board-a1", "alarm"))
        self.close()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "data")


def birth(room: Room) -> dict[str, Any]:
    (body,) = room.db.execute(
        "SELECT body FROM ledger WHERE kind = 'born' ORDER BY number DESC LIMIT 1"
    ).fetchone()
    found: dict[str, Any] = json.loads(body)
    return found


def flip(path: Path, place: int) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        old = file.read(64)
        file.seek(place)
        file.write(bytes(each ^ 0xFF for each in old))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header": lambda path: flip(path, 0),
    "schema": lambda path: flip(path, 100),
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:20_000]),
    "no database": lambda path: path.write_bytes(b"x" * 9000),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_what_cannot_be_read_is_set_aside_and_another_begins(house: House, kind: str) -> None:
    house.filled(200)
    DAMAGES[kind](house.folder.ledger)
    before, head = house.folder.ledger.read_bytes(), house.folder.head.read_bytes()
    room = house.open()
    born = birth(room)
    assert born["why"] == "damaged" and born["said"]
    aside = house.folder.path / born["aside"]
    assert (aside / "ledger.db").read_bytes() == before
    assert (aside / "head").read_bytes() == head and not house.folder.head.exists()
    room.do(room.report("board-a1", "alarm"))
    assert room.only()["state"] == "untaken" and room.feed()[0]["sequence"] == "1"
    assert [each.why for each in emergency.unread(room.db)] == ["damaged"]
    room.same_after_replay()
    house.close()
    # the next start finds nothing more to say
    assert len(emergency.unread(house.open().db)) == 1
    room.db.close()


def test_a_press_older_than_a_ledger_in_place_of_another_may_be_of_any_age(house: House) -> None:
    """The boards were there before it: its first row is no beginning of theirs."""
    house.filled(2)
    DAMAGES["no database"](house.folder.ledger)
    room = house.open()
    room.forward(30)
    room.do(room.report("board-a1", "alarm", boot="a" * 16, age_ms=2_000, reboots=1))
    pressed_to = room.now().wall - 2_000
    assert (room.only()["pressed_from"], room.only()["pressed_to"]) == (0, pressed_to)
    assert room.feed()[-1]["data"]["pressed_from"] is None
    room.do(room.heartbeat("board-a2", boot="b" * 16))  # a start that had begun before
    room.forward(30)
    room.do(room.report("board-a2", "alarm", boot="b" * 16, reboots=1))
    assert room.incidents()[-1]["pressed_from"] == 0
    heard = 0
    for _ in range(3):
        heard = room.now().wall
        room.do(room.heartbeat("board-a2", boot="b" * 16))
        room.forward(60)
    room.do(room.heartbeat("board-a2", boot="c" * 16))  # and one of which more is known
    room.forward(30)
    room.do(room.report("board-a2", "alarm", boot="c" * 16, reboots=1))
    row = room.db.execute("SELECT body FROM ledger WHERE kind = 'reported' ORDER BY number DESC")
    assert json.loads(row.fetchone()["body"])["pressed_from"] == heard
    room.same_after_replay()
    room.db.close()


def test_two_at_one_moment_are_kept_apart(house: House) -> None:
    house.filled(3)
    names = set()
    for _ in range(2):
        DAMAGES["header"](house.folder.ledger)
        names.add(birth(house.open())["aside"])
        house.close()
    assert len(names) == len(list(house.folder.damaged.iterdir())) == 2


def test_a_row_that_stops_the_replay_is_damage_too(house: House) -> None:
    house.filled(3)
    with closing(store.connect(house.folder.ledger)) as db:
        db.execute("DROP TRIGGER ledger_no_update")
        db.execute("UPDATE ledger SET body = '{' WHERE number = 2")
        db.execute("PRAGMA user_version = 1")
    room = house.open()
    assert birth(room)["why"] == "damaged"
    room.db.close()


def test_a_new_folder_and_an_old_one_begin_without_a_word(house: House) -> None:
    house.filled(1)
    room = house.open()
    assert set(birth(room)) == {"district", "birth"}
    assert emergency.unread(room.db) == [] and not house.folder.damaged.exists()
    room.db.close()


def test_a_ledger_that_is_gone_is_told(house: House) -> None:
    house.filled(2)
    house.folder.ledger.unlink()
    room = house.open()
    assert birth(room)["why"] == "missing"
    room.db.close()


def test_a_ledger_set_back_goes_on_under_another_birth(house: House) -> None:
    """The city sees another source whose log begins at 1 with what is open; nothing is lost."""
    house.filled(2)
    room = house.open()
    (opened,) = room.incidents()
    room.do(CityTold("alarm", 2))
    house.close()
    copy = house.folder.ledger.read_bytes()
    house.filled(3)
    house.folder.ledger.write_bytes(copy)
    room = house.open()
    born = birth(room)
    assert born["why"] == "set_back" and born["birth"] == room.hub.birth
    log = [json.loads(row["event"]) for row in room.db.execute("SELECT event FROM feed")]
    old, new = (
        [each for each in log if (born["birth"] in each["source"]) is mine]
        for mine in (False, True)
    )
    assert [each["sequence"] for each in old] == ["1", "2"]
    assert [(each["sequence"], each["data"]["change"]) for each in new] == [("1", "restated")]
    assert new[0]["subject"] == opened["id"]
    # the receipts of both logs count, and the new one is told from its start
    room.do(CityTold("alarm", 1))
    for each in (old[1], new[0]):
        room.do(CityReceipt(json.dumps({"id": each["id"], "who": "市局"}).encode()))
    assert room.ledger_kinds().count("city_received") == 2
    assert room.ledger_kinds().count("city_told") == 2
    room.do(room.report("board-a2", "alarm"))
    assert (
        json.loads(room.db.execute("SELECT event FROM feed ORDER BY rowid DESC").fetchone()[0])[
            "sequence"
        ]
        == "2"
    )
    assert room.incidents()[-1]["id"].startswith(f"nanshan-{born['birth'][:8]}-")
    room.same_after_replay()
    assert [each.why for each in emergency.unread(room.db)] == ["set_back"]
    house.close()
    assert house.open().hub.birth == born["birth"]  # once
    room.db.close()


def test_another_ledger_of_the_same_length_was_set_back_too(house: House) -> None:
    house.filled(2)
    number, hash_ = house.folder.last_row()
    house.folder.head.write_text(f"{number} {hash_[::-1]}\n")
    room = house.open()
    assert birth(room)["why"] == "set_back"
    room.db.close()


def test_a_torn_head_tells_nothing(house: House) -> None:
    house.filled(2)
    house.folder.head.write_text("7")
    room = house.open()
    assert "why" not in birth(room)
    room.db.close()


def test_a_changed_row_is_found_named_once_and_read_by_an_administrator(house: House) -> None:
    house.filled(4)
    assert examine(house.folder.ledger, lambda: False) is None
    with closing(store.connect(house.folder.ledger)) as db:
        db.execute("DROP TRIGGER ledger_no_update")
        db.execute("UPDATE ledger SET body = body || ' ' WHERE number = 3")
    found = examine(house.folder.ledger, lambda: False)
    assert found and found[0].number == 3 and found[1] == 1
    assert examine(house.folder.ledger, lambda: True) is None  # asked to stop
    room = house.open()
    assert "why" not in birth(room)  # it goes on as it is
    for _ in range(2):  # two starts
        room.do(ChainBroken(3, 1, found[0].chinese))
    assert room.ledger_kinds().count("chain_broken") == 1
    (warned,) = emergency.unread(room.db)
    assert (warned.why, warned.wrong_row) == ("chain", 3)
    assert room.act("read_warning", "", row=99) == "no_warning"
    assert room.act("read_warning", "", row="x") == "bad_value"
    assert room.act("read_warning", "", row=warned.row) == "ok"
    assert emergency.unread(room.db) == []
    assert room.act("read_warning", "", row=warned.row) == "no_warning"
    room.same_after_replay()
    room.db.close()


def test_a_page_that_nobody_reads_is_found_by_the_look_at_all(house: House) -> None:
    house.filled(20)
    flip(house.folder.ledger, 4096 * (root_page(house.folder.ledger, "feed_incident") - 1))
    assert look(house.folder.ledger)
    with pytest.raises(Damaged):
        examine(house.folder.ledger, lambda: False)


def test_the_doctor_says_it(house: House) -> None:
    house.filled(3)
    DAMAGES["header"](house.folder.ledger)
    house.open()
    house.close()
    missing, aside = doctor.warnings(house.folder)
    assert "damaged" in missing.found[1] and "/admin" in missing.step[1]
    assert str(house.folder.damaged) in aside.found[1]


# --- the real hub ------------------------------------------------------------------------


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Duty]]:
    """Starts a duty room on the same folder, again and again."""
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(f"needs Mosquitto: {missing}")
    fill(tmp_path / "data")
    begun: list[Duty] = []

    def start() -> Duty:
        begun.append(Duty(tmp_path / "data", "--port", str(free_port(set()))))
        return begun[-1]

    yield start
    for each in begun:
        each.end()


@pytest.mark.chain
def test_a_real_hub_works_on_whatever_happens_to_its_ledger(begin: Callable[[], Duty]) -> None:
    """Truncated while it was down, then with a page that it finds only later: each time a press
    is stored soon, the desk says so in red, and an administrator's word takes that away."""
    duty = begin()
    folder = duty.folder
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        first = caller.receipt(caller.press())["ledger"]
    assert duty.stop() == 0
    folder.ledger.write_bytes(folder.ledger.read_bytes()[:30_000])
    duty = begin()
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        receipt = caller.receipt(caller.press())
        assert receipt["answer"] == "stored" and receipt["ledger"] != first
        officer, admin = logged_in(duty, "officer"), logged_in(duty, "admin")
        assert "台账损坏" in officer.get("/").text and "请通知管理员" in officer.get("/").text
        page = admin.get("/admin").text
        assert "damaged/" in page
        row, id_ = re.findall(r'name="(?:row|id)" value="(\w+)"', page)[::-1]
        assert officer.form("/admin", token=officer.token, id=id_, row=row).status == 403
        assert admin.form("/admin", token=admin.token, id=id_, row=row).status == 303
        until(lambda: "台账损坏" not in officer.get("/").text)
        assert "已知悉" not in admin.get("/admin").text
    assert duty.stop() == 0
    flip(folder.ledger, 4096 * (root_page(folder.ledger, "feed_incident") - 1))
    duty = begin()  # that page is not needed yet
    hub = duty.pid_of("external")
    until(lambda: len(list(folder.damaged.iterdir())) == 2)
    with duty.board("board-a1") as caller:
        caller.subscribe("board/board-a1/down/#", 0)
        until(lambda: stored(caller, receipt["ledger"]), 30)
    assert duty.pid_of("external") == hub
    assert duty.stop() == 0
    assert run("ledger", "verify", "--data", str(folder.path)).returncode == 0


def root_page(path: Path, name: str) -> int:
    with closing(store.connect_reader(path)) as db:
        question = "SELECT rootpage FROM sqlite_master WHERE name = ?"
        return int(db.execute(question, (name,)).fetchone()[0])


def stored(caller: Caller, old: str) -> bool:
    """Whether a press is in another ledger than the old one."""
    number = caller.press()
    try:
        receipt = caller.receipt(number, 2)
    except queue.Empty:
        return False
    return bool(receipt["answer"] == "stored" and receipt["ledger"] != old)
