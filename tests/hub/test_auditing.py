"""`ledger verify | export | rebuild`: what a finding names, what an export alone can make."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from hub import core, store
from hub.commands import main
from hub.events import Action, Effect, Now, RegistryChanged
from hub.folder import Folder
from tests.hub.room import START_WALL, Registry, Room


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a ledger of some forty rows, as a hub leaves it."""
    folder = Folder(tmp_path / "data")
    folder.create("nanshan", "南山区值班室")
    room = Room()
    with closing(store.connect(folder.ledger)) as db:
        store.prepare(db, "nanshan", "feedfacecafe0001", room.now())
        room.db.close()
        room.db = db
        room.start()
        room.listen()
        for board in ("board-a1", "board-a2"):
            room.do(room.report(board, "alarm"), room.report(board, "status", code="power"))
            incident = room.incidents()[-1]["id"]
            room.act("take", incident)
            room.act("outcome", incident, outcome="real")
            room.forward(70, desk=True)
            room.act("note", incident, text="已电话核实")
            room.act("close", incident)
        room.do(RegistryChanged("hub", {}, {"boards": {"board-a1": {"id": "board-a1"}}}))
        number, hash_ = room.hub.head
    folder.head.write_text(f"{number} {hash_.hex()}\n")
    return folder.path


@pytest.fixture
def spoil(data: Path) -> Callable[..., None]:
    """Somebody with the file in his hands: no trigger stops him."""

    def do(*statements: str) -> None:
        with closing(sqlite3.connect(data / "ledger.db")) as db:
            db.executescript(
                "DROP TRIGGER ledger_no_delete; DROP TRIGGER ledger_no_update;"
                + ";".join(statements)
            )

    return do


def verify(data: Path) -> int:
    return main(["ledger", "verify", "--data", str(data)])


Said = pytest.CaptureFixture[str]


def test_a_whole_ledger_is_whole(data: Path, capsys: Said) -> None:
    assert verify(data) == 0
    assert capsys.readouterr().out.startswith("whole: ")


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE ledger SET body = replace(body, 'power', 'tower') WHERE number = {n}",
        "UPDATE ledger SET wall = wall + 1 WHERE number = {n}",
        "UPDATE ledger SET kind = 'noted' WHERE number = {n}",
        "UPDATE ledger SET actor = 'x' WHERE number = {n}",
        "UPDATE ledger SET body = NULL WHERE number = {n}",
        "UPDATE ledger SET hash = 'text' WHERE number = {n}",
        "UPDATE ledger SET digest = 1 WHERE number = {n}",
        "DELETE FROM ledger WHERE number = {n}",
    ],
)
def test_a_changed_row_is_named(
    data: Path, spoil: Callable[..., None], capsys: Said, damage: str
) -> None:
    number = row_of(data, "body LIKE '%power%'")
    spoil(damage.format(n=number))
    assert verify(data) == 1
    assert f"row {number}:" in capsys.readouterr().out


def row_of(data: Path, where: str) -> int:
    with closing(sqlite3.connect(data / "ledger.db")) as db:
        return int(db.execute(f"SELECT max(number) FROM ledger WHERE {where}").fetchone()[0])


def test_two_rows_that_changed_places_are_named(
    data: Path, spoil: Callable[..., None], capsys: Said
) -> None:
    spoil(
        "UPDATE ledger SET number = -1 WHERE number = 5",
        "UPDATE ledger SET number = 5 WHERE number = 6",
        "UPDATE ledger SET number = 6 WHERE number = -1",
    )
    assert verify(data) == 1
    assert "row 5:" in capsys.readouterr().out


def test_an_end_cut_off_is_seen_by_the_head_file(
    data: Path, spoil: Callable[..., None], capsys: Said
) -> None:
    last = row_of(data, "1")
    spoil(f"DELETE FROM ledger WHERE number > {last - 3}")
    assert verify(data) == 1
    assert f"row {last}:" in capsys.readouterr().out
    (data / "head").unlink()
    assert verify(data) == 0
    assert "cut off" in capsys.readouterr().err


def test_a_rewritten_end_is_seen_by_the_head_file(data: Path, capsys: Said) -> None:
    """A chain that is whole in itself, but not the one that was."""
    folder = Folder(data)
    number, hash_ = folder.head.read_text().split()
    folder.head.write_text(f"{number} {'0' * len(hash_)}\n")
    assert verify(data) == 1
    assert f"row {number}:" in capsys.readouterr().out
    folder.head.write_text(f"{int(number) - 1} {'0' * len(hash_)}\n")
    assert verify(data) == 1


@pytest.mark.parametrize("place", [0, 100, 4096])
def test_a_file_that_is_no_database_is_unreadable(data: Path, place: int) -> None:
    ledger = data / "ledger.db"
    with ledger.open("r+b") as file:
        file.seek(place)
        file.write(b"\xff" * 64)
    assert verify(data) in (1, 2) if place else verify(data) == 2


def test_every_flipped_byte_of_a_body_is_found(data: Path, tmp_path: Path) -> None:
    """On the disk itself, below SQL."""
    content = (data / "ledger.db").read_bytes()
    place = content.index("已电话核实".encode())
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    for offset in range(0, 15, 2):
        changed = bytearray(content)
        changed[place + offset] ^= 0x01
        (copy / "ledger.db").write_bytes(changed)
        assert verify(copy) == 1


def test_no_ledger_and_a_torn_head_are_sentences(data: Path, tmp_path: Path, capsys: Said) -> None:
    (data / "head").write_text("7\n")
    assert verify(data) == 2
    assert "head" in capsys.readouterr().err
    assert verify(tmp_path) == 2
    assert "ledger.db" in capsys.readouterr().err


def test_an_export_is_verified_away_from_the_hub(data: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(["ledger", "export", "--data", str(data)]) == 0
    out, err = capsys.readouterr()
    head = err.split()[-1]
    lines = out.splitlines(keepends=True)
    export = tmp_path / "export.jsonl"

    def verify_it(text: str, *more: str) -> tuple[int, str, str]:
        export.write_text(text, encoding="utf-8")
        return main(["ledger", "verify", "--from", str(export), *more]), *capsys.readouterr()

    assert verify_it(out, "--head", head) == (0, f"whole: {len(lines)} rows {head}\n", "")
    cut = "".join(lines[:-3])
    status, said, warned = verify_it(cut)
    assert status == 0 and "cut off at the end would not be seen" in warned
    status, said, _ = verify_it(cut, "--head", head)
    assert status == 1 and said.startswith(f"row {len(lines) - 3}: here it ends")
    assert verify_it(out.replace("已电话核实", "已到场核实"), "--head", head)[0] == 1
    status, _, warned = verify_it(out[:-30])
    assert status == 2 and f"line {len(lines)} is no row of a ledger (no JSON" in warned
    assert verify_it("".join(lines[:4] + lines[3:]))[0] == 2
    assert verify_it("")[0] == verify_it("[" * 100_000)[0] == 2
    earlier = json.loads(lines[-2])["hash"]
    assert "cut off after it" in verify_it(out, "--head", earlier)[2]


def test_a_head_that_was_kept_is_found_in_a_ledger_that_went_on(data: Path) -> None:
    with closing(store.connect_reader(data / "ledger.db")) as db:
        (kept,) = db.execute("SELECT hash FROM ledger WHERE number = 5").fetchone()
    verb = ["ledger", "verify", "--data", str(data), "--head"]
    assert main([*verb, kept.hex()]) == 0
    assert main([*verb, "0" * 64]) == 1


def test_a_rebuild_from_the_export_alone_is_equal(
    data: Path, tmp_path: Path, capsys: Said
) -> None:
    assert main(["ledger", "export", "--data", str(data)]) == 0
    export = tmp_path / "export.jsonl"
    export.write_text(capsys.readouterr().out, encoding="utf-8")
    again = tmp_path / "again"
    rebuild = ["ledger", "rebuild", "--from", str(export), "--data", str(again)]
    assert main(rebuild) == 0
    assert verify(again) == 0
    with (
        closing(store.connect_reader(data / "ledger.db")) as old,
        closing(store.connect_reader(again / "ledger.db")) as new,
    ):
        assert store.dump(old) == store.dump(new)
        assert any(store.dump(new).values())
        assert store.registry(new) == {"boards": {"board-a1": {"id": "board-a1"}}}
    assert Folder(again).settings().district == "nanshan"
    capsys.readouterr()
    assert main(rebuild) == 2  # never over a ledger
    assert "exists" in capsys.readouterr().err


def test_a_rebuilt_ledger_goes_on(data: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(["ledger", "export", "--data", str(data)]) == 0
    export = tmp_path / "export.jsonl"
    export.write_text(capsys.readouterr().out, encoding="utf-8")
    again = tmp_path / "again"
    assert main(["ledger", "rebuild", "--from", str(export), "--data", str(again)]) == 0
    with closing(store.connect(again / "ledger.db")) as db:
        now = Now(START_WALL + 10_000_000, 10_000_000)
        store.prepare(db, "nanshan", "0" * 16, now)
        hub = store.open_hub(db, Registry(), Room().settings)
        said: list[Effect] = []
        act = Action("a1", "d1", "李敏", "officer", "take", "none", {})
        core.run_batch(hub, [act, Room().report("board-a1", "alarm")], now, said.append)
        assert hub.birth == "feedfacecafe0001"
    assert verify(again) == 0


@pytest.mark.parametrize("wrong", ["", "x\n", '{"number": 1}\n', "cut", "changed"])
def test_a_bad_export_makes_nothing(data: Path, tmp_path: Path, capsys: Said, wrong: str) -> None:
    assert main(["ledger", "export", "--data", str(data)]) == 0
    whole = capsys.readouterr().out
    lines = whole.splitlines(keepends=True)
    text = {"cut": "".join(lines[:5] + lines[6:]), "changed": whole.replace("power", "tower")}
    export = tmp_path / "export.jsonl"
    export.write_text(text.get(wrong, wrong), encoding="utf-8")
    again = tmp_path / "again"
    assert main(["ledger", "rebuild", "--from", str(export), "--data", str(again)]) == 2
    assert str(export) in capsys.readouterr().err
    assert not again.exists()


def test_a_rebuild_that_fails_leaves_a_folder_that_was_there(tmp_path: Path, capsys: Said) -> None:
    for text in (None, "x\n"):
        export = tmp_path / "export.jsonl"
        if text is not None:
            export.write_text(text)
        assert main(["ledger", "rebuild", "--from", str(export), "--data", str(tmp_path)]) == 2
        said = capsys.readouterr().err
        assert "Errno" not in said and "that ledger export wrote" in said
        assert not (tmp_path / "ledger.db").exists()
