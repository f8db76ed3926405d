"""`./qianshao doctor`: each thing that can be wrong is named, with the step that mends it."""

import asyncio
import fcntl
import json
import re
import shutil
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from hub import debian, store
from hub.desk import logins
from hub.doctor import __main__ as doctor
from hub.doctor import folder as data
from hub.doctor import programs, ready, running
from hub.doctor.finding import FINE, MISSING, NOTE, Finding
from hub.events import Now
from hub.folder import Folder, free_port
from hub.words import Sentence
from hub.writer import read_clocks
from tests.hub.duty import Duty, until


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A data folder as a hub leaves it, with a ledger of one row."""
    made = Folder(tmp_path / "data")
    made.create("nanshan", "南山区值班室")
    ledger(made, read_clocks())
    site = {"id": "school", "name": "一小", "street": "", "contacts": []}
    made.registry.write_text(json.dumps({"sites": {"1": site}, "boards": {}}))
    shutil.copy(made.registry, made.registry.with_suffix(".json.bak"))
    return made


def ledger(folder: Folder, now: Now) -> None:
    with closing(store.connect(folder.ledger)) as db:
        store.prepare(db, "nanshan", "feedfacecafe0001", now)
        (hash_,) = db.execute("SELECT hash FROM ledger WHERE number = 1").fetchone()
    folder.head.write_text(f"1 {hash_.hex()}\n")


def wrong(folder: Folder) -> list[Finding]:
    return [each for each in data.look(folder) if each.state != FINE]


def test_a_file_in_its_place_is_no_folder_to_be_made(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "look", lambda home: iter(()))  # what this machine lacks
    (tmp_path / "file").write_text("x")
    assert doctor.main(["--data", str(tmp_path / "file")]) == 1
    said = capsys.readouterr().out
    assert "file is a file" in said and "Next step: name another folder with --data" in said


def test_a_whole_folder_has_nothing_wrong_and_stays_as_it_was(folder: Folder) -> None:
    before = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    assert wrong(folder) == []
    after = {path: path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    assert {path.name for path in after.keys() - before.keys()} <= {
        "ledger.db-wal",
        "ledger.db-shm",
    }
    assert all(after[path] == text for path, text in before.items())


def first(folder: Folder) -> Finding:
    return next(ready.look(folder))


def test_what_is_not_entered_yet_is_the_next_step(folder: Folder) -> None:
    found = first(folder)
    assert found.found[1] == "no duty phone" and "/setup" in found.step[1]
    folder.toml.write_text(folder.toml.read_text().replace('duty_phone = ""', 'duty_phone = "8"'))
    found = first(folder)
    assert found.found[1] == "no board yet" and "/admin/boards" in found.step[1]
    folder.registry.write_text('{"sites": {"1": {}}, "boards": {"1": {}}}')
    found = first(folder)
    assert found.found[1] == "nobody to tell"
    folder.registry.write_text('{"sites": {"1": {}}, "boards": {"1": {}}, "people": {"1": {}}}')
    found = first(folder)
    assert found.found[1] == "nobody to tell"  # there is no way to that person
    ways = folder.registry.read_text().replace('"people": {"1": {', '"people": {"1": {"ways": [1]')
    folder.registry.write_text(ways)
    found = first(folder)
    assert found.state == FINE  # what the hub would refuse is another finding


def test_somebody_to_whom_no_way_works_is_nobody(folder: Folder) -> None:
    folder.toml.write_text(folder.toml.read_text().replace('duty_phone = ""', 'duty_phone = "8"'))
    site = {"id": "s1", "name": "一小", "street": "", "contacts": []}
    person: dict[str, Any] = {"id": "p1", "name": "孙", "post": "带班领导", "hours": []}
    pager = {"channel": "pager", "address": "b-1"}
    board = {"id": "b-1", "site": "s1", "simulated": False, "pager": False}
    registry = {"sites": {"1": site}, "boards": {"1": board}, "people": {"1": person}}
    for way in ({"channel": "command", "address": "8102"}, pager):
        person["ways"] = [way]
        folder.registry.write_text(json.dumps(registry))
        found = first(folder)
        assert found.found[1] == "no way to anybody entered can work", way
        assert "/admin/people" in found.step[1]
    board["pager"] = True
    folder.registry.write_text(json.dumps(registry))
    assert first(folder).state == FINE  # it has not spoken yet
    with closing(sqlite3.connect(folder.ledger)) as db, db:
        db.execute("INSERT INTO equipment VALUES ('b-1','here',1,1,1,'','')")
    assert first(folder).state == FINE
    with closing(sqlite3.connect(folder.ledger)) as db, db:
        db.execute("UPDATE equipment SET state = 'lost'")
    assert first(folder).state == FINE  # it may come back


def test_boards_that_never_spoke_and_hours_without_anybody(folder: Folder) -> None:
    now = read_clocks().wall
    hour = int(time.strftime("%H", time.gmtime(now / 1000 + 8 * 3600)))
    elsewhen = {"from": (hour + 2) % 24, "until": (hour + 3) % 24}
    registry: dict[str, dict[str, Any]] = {
        "sites": {"1": {"id": "s1", "name": "一小", "contacts": [elsewhen]}},
        "boards": {str(n): {"id": f"b-{n}", "site": f"s{n}"} for n in range(1, 7)},
        "people": {"1": {"ways": [1], "hours": [elsewhen]}},
    }
    folder.registry.write_text(json.dumps(registry))
    with closing(sqlite3.connect(folder.ledger)) as db, db:
        for board, state in (("b-1", "here"), ("b-2", "lost")):
            db.execute("INSERT INTO equipment VALUES (?,?,1,1,1,'','')", (board, state))
        db.execute("INSERT INTO out_of_service VALUES ('site','s3',1,'','',1)")
    said = [each.found[1] for each in ready.look(folder)][1:]
    assert said == [
        "never heard: b-4 b-5 b-6",
        "lost: b-2",
        "no contact for 一小",
        "of those to be told nobody is on duty",
    ]
    registry["boards"] = {"1": registry["boards"]["1"]}
    registry["sites"]["1"]["contacts"] = [{"from": 0, "until": 0}]
    registry["people"]["1"]["hours"] = []
    folder.registry.write_text(json.dumps(registry))
    assert [each.found[1] for each in ready.look(folder)][1:] == ["all 1 are in contact"]


def test_what_the_hub_said_of_who_can_be_reached_is_repeated(folder: Folder) -> None:
    def said() -> list[str]:
        return [each.what[1] for each in ready.look(folder)]

    assert "The hub said last" not in said()
    with closing(sqlite3.connect(folder.ledger)) as db, db:
        db.execute("INSERT INTO about VALUES ('unreachable', '[\"\"]')")
    assert "The hub said last" in said()


def test_a_demo_is_started_as_a_demo(folder: Folder) -> None:
    assert (
        list(running.look(folder))[-1].step[1] == f"start it: ./qianshao hub --data {folder.path}"
    )
    (folder.path / "demo.lock").touch()
    assert "./qianshao demo --data" in list(running.look(folder))[-1].step[1]


def test_a_wrong_setting_is_quoted(folder: Folder) -> None:
    folder.toml.write_text(folder.toml.read_text() + "[presence]\nlost = 80\n")
    (found,) = wrong(folder)
    assert "did you mean lost_s" in found.found[1] and str(folder.toml) in found.step[1]


def test_a_torn_registry_is_served_by_its_copy(folder: Folder) -> None:
    folder.registry.write_text("{")
    (found,) = wrong(folder)
    assert found.step[1] == f"cp {folder.registry}.bak {folder.registry}"
    folder.registry.with_suffix(".json.bak").write_text("[]")
    (found,) = wrong(folder)
    assert "neither" in found.found[1] and "backup" in found.step[1]


@pytest.mark.parametrize("left", [None, "", "00" * 31, "no hex"])
def test_a_lost_master_key_is_told_and_not_replaced(folder: Folder, left: str | None) -> None:
    master = folder.secrets / "master"
    master.unlink()
    if left is not None:
        master.write_text(left)
    list(doctor.look(folder.path))
    found = data.secrets(folder)
    assert found.state == MISSING and "gone or not whole" in found.found[1]
    assert (master.read_text() if master.exists() else None) == left
    with pytest.raises(Sentence, match="restore it from a backup"):
        folder.lay()
    assert (master.read_text() if master.exists() else None) == left


def test_what_the_hub_would_refuse_is_told_before(folder: Folder) -> None:
    contact = {"name": "老周", "phone": "110", "from": 8.2, "until": 18}
    site = {"id": "school", "name": "一小", "street": "", "contacts": [contact]}
    folder.registry.write_text(json.dumps({"sites": {"1": site}}))
    found = data.registry(folder)
    assert found.state == MISSING and "8.2" in found.found[1] and "mend" in found.step[1]


def test_a_word_of_the_registry_that_nothing_reads_is_told(folder: Folder) -> None:
    site = {"id": "school", "name": "一小", "street": "", "contacts": [], "covret": True}
    folder.registry.write_text(json.dumps({"sites": {"1": site}}))
    found = data.registry(folder)
    assert found.state == MISSING and "did you mean covert?" in found.found[1]


def test_a_lost_ledger_and_a_torn_head_are_two_things(folder: Folder) -> None:
    folder.head.write_text("torn")
    assert [each.what[1] for each in data.record(folder) if each.state == MISSING] == ["Head file"]
    folder.ledger.unlink()
    lost = next(data.record(folder))
    assert lost.state == MISSING and lost.found[1] == "is gone, its head file is here"


def test_a_damaged_file_of_users_is_told_and_left_alone(folder: Folder) -> None:
    folder.working.write_bytes(b"x" * 8192)
    (found,) = data.users(folder)
    assert found.state == MISSING and "two new passwords" in found.step[1]
    with pytest.raises(Sentence, match="start the hub once"):
        asyncio.run(logins.another_password(folder, "admin", 1))
    assert folder.working.read_bytes() == b"x" * 8192 and not folder.damaged.exists()


def test_of_a_registry_that_nobody_can_read_nothing_else_is_said(folder: Folder) -> None:
    for path in (folder.registry, folder.registry.with_suffix(".json.bak")):
        path.write_text("torn")
    assert list(ready.look(folder)) == []


def test_open_secrets_are_told(folder: Folder) -> None:
    (folder.secrets / "master").chmod(0o644)
    (found,) = wrong(folder)
    assert found.step[1] == f"chmod go= {folder.secrets / 'master'}"
    (folder.secrets / "master").unlink()
    (found,) = wrong(folder)
    assert "restore it" in found.step[1]


def test_a_ledger_that_is_not_the_heads(folder: Folder) -> None:
    folder.head.write_text("2 " + "0" * 64)
    (found,) = wrong(folder)
    assert "cut short" in found.found[1] and "ledger verify" in found.step[1]


def test_a_changed_row_and_a_file_that_is_no_ledger(folder: Folder) -> None:
    with closing(sqlite3.connect(folder.ledger)) as db:
        db.executescript("DROP TRIGGER ledger_no_update; UPDATE ledger SET body = '{}'")
    (found,) = wrong(folder)
    assert "row 1: its body is not the one" in found.found[1]
    folder.ledger.write_bytes(b"x" * 5000)
    assert "cannot be read" in wrong(folder)[0].found[1]


def test_a_clock_behind_its_last_row(folder: Folder) -> None:
    folder.ledger.unlink()
    ledger(folder, Now(read_clocks().wall + 60_000, 1))
    (found,) = wrong(folder)
    assert re.search(r"5[78] s behind", found.found[1]) and "NTP" in found.step[1]
    assert data.clock(0).state == FINE


def test_a_full_disk(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "DISK_LEAST", 1 << 62)
    (found,) = wrong(folder)
    assert "no room" in found.found[1] and "free 1 GB" in found.step[1]


def test_whose_a_port_is(folder: Folder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        taken, free = running.ports(folder, None, {"web": port, "mqtt": free_port({port})})
        assert taken.state == MISSING and "python" in taken.found[1]
        with (folder.path / running.DEMO_LOCK).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (own,) = running.ports(folder, None, {"web": port})
            assert own.state == FINE and "this duty room" in own.found[1]
        assert free.state == FINE


def test_no_broker_at_all() -> None:
    with pytest.raises(ConnectionRefusedError):
        running.login("127.0.0.1", free_port(set()), "hub", "x")


def test_programs_without_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(debian, "SBIN", ())
    (tmp_path / "requirements.txt").write_text("one==1\n")
    states = {each.what[1]: each for each in programs.look(tmp_path)}
    assert states["Mosquitto"].state == MISSING
    assert "apt install mosquitto" in states["Mosquitto"].step[1]
    assert [states[name].state for name in ("mosquitto_sub", "MicroPython", "Chromium")] == [
        NOTE
    ] * 3
    assert states["Python packages"].found[1] == "not installed yet"
    (tmp_path / ".venv").mkdir()
    stamp = tmp_path / ".venv" / "requirements.txt"
    stamp.write_text("two==2\n")
    assert "differ" in programs.packages(tmp_path).found[1]
    stamp.write_text("one==1\n")
    assert programs.packages(tmp_path).state == FINE


def test_one_next_step_in_both_languages(
    folder: Folder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(programs, "look", lambda home: iter(()))
    assert doctor.main(["--data", str(folder.path)]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == f"Next step: start it: ./qianshao hub --data {folder.path}"
    assert [line for line in said[:-1] if line[0] not in "✓✗·"] == []
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert doctor.main(["--data", str(folder.path / "nothing")]) == 1
    assert capsys.readouterr().out.splitlines()[-1].startswith("下一步：建立它：")


@pytest.mark.chain
def test_a_running_duty_room_is_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    try:
        debian.mosquitto()
    except debian.Missing as missing:
        pytest.skip(f"needs Mosquitto: {missing}")
    monkeypatch.setattr(programs, "look", lambda home: iter(()))
    monkeypatch.setattr(ready, "look", lambda folder: iter(()))  # nobody has entered anything
    port = free_port(set())
    duty = Duty(tmp_path / "data", "--port", str(port))
    try:
        until(lambda: running.self_test(duty.folder))
        assert doctor.main(["--data", str(duty.folder.path)]) == 0
        said = capsys.readouterr().out
        assert re.search(r"✓ Hub: http://127.0.0.1:\d+/login, self-test passed \d s ago", said)
        assert re.search(r"✓ Broker: 127.0.0.1:\d+ answers", said)
        assert f"✓ Port {port} (pages): held by this duty room" in said
        duty.folder.toml.touch()
        assert doctor.main(["--data", str(duty.folder.path)]) == 1
        said = capsys.readouterr().out
        assert "was changed since it started" in said
        assert "Next step: stop the hub and start it again" in said
        assert running.login("127.0.0.1", duty.folder.kept_ports()["mqtt"], "hub", "wrong") == 5
        assert duty.stop() == 0
    finally:
        duty.end()
    assert doctor.main(["--data", str(duty.folder.path)]) == 1
    assert f"✓ Port {port} (pages): free" in capsys.readouterr().out
