"""The data folder: made once, held once, its secrets and ports for ever."""

import json
import socket
from pathlib import Path

import pytest

from hub.folder import RUN_LOCK, Folder
from hub.words import Sentence


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "data")
    made.create("nanshan", '南山区 "值班室"', "8000")
    return made


def test_a_new_folder_can_be_read_back(folder: Folder) -> None:
    found = folder.settings()
    assert (found.district, found.name, found.duty_phone) == ("nanshan", '南山区 "值班室"', "8000")


def test_what_is_there_stays(folder: Folder) -> None:
    secret = folder.secret("x")
    (folder.path / "letter.txt").write_text("not ours")
    folder.create("other", "x")
    assert folder.settings().district == "nanshan"
    assert folder.secret("x") == secret


def test_a_bad_district_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Sentence, match="Nan Shan"):
        Folder(tmp_path / "x").create("Nan Shan", "x")


def test_a_folder_that_is_no_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    file = Folder(tmp_path / "file")
    for use in (file.exists, file.make, lambda: file.create("nanshan", "x")):
        with pytest.raises(Sentence, match="is a file, not a folder: name another one"):
            use()
    with pytest.raises(Sentence):
        Folder(tmp_path / "nothing").settings()


def test_an_unread_key_names_the_nearest(folder: Folder) -> None:
    folder.toml.write_text(folder.toml.read_text() + "[presence]\nlost = 80\n")
    with pytest.raises(Sentence, match="did you mean lost_s"):
        folder.settings()


def test_a_folder_is_held_once(folder: Folder) -> None:
    with folder.lock():
        with pytest.raises(Sentence, match=str(folder.path)):
            folder.lock()
        folder.lock(RUN_LOCK).close()
    folder.lock().close()


def test_secrets_are_for_their_owner_and_differ(folder: Folder) -> None:
    assert folder.secrets.stat().st_mode & 0o077 == 0
    assert (folder.secrets / "master").stat().st_mode & 0o077 == 0
    words = [folder.board_password("board-a1", 1), folder.board_password("board-a1", 2)]
    words += [folder.board_password("board-a2", 1), folder.secret("mqtt hub")]
    assert len(set(words)) == 4
    assert Folder(folder.path).board_password("board-a1", 1) == words[0]


def test_ports_are_chosen_once(folder: Folder) -> None:
    wanted = {"web": 0, "mqtt": 0, "board": 0}
    ports = folder.ports(wanted)
    assert len(set(ports.values())) == 3
    assert folder.ports(wanted) == ports == folder.kept_ports()


def test_a_taken_port_is_a_sentence_also_when_it_was_kept(folder: Folder) -> None:
    ports = folder.ports({"web": 0, "mqtt": 0, "board": 0})
    with socket.create_server(("127.0.0.1", ports["mqtt"])):
        for wanted in (0, ports["mqtt"]):
            with pytest.raises(Sentence, match=str(ports["mqtt"])):
                folder.ports({"web": 0, "mqtt": wanted, "board": 0})
    with pytest.raises(Sentence):
        folder.ports({"web": 23456, "mqtt": 23456, "board": 0})


def test_torn_ports_are_chosen_anew(folder: Folder) -> None:
    (folder.path / "ports.json").write_text('{"web": ')
    assert len(folder.ports({"web": 0, "mqtt": 0, "board": 0})) == 3
    (folder.path / "ports.json").write_text(json.dumps({"web": 1}))
    with pytest.raises(Sentence, match="external"):
        folder.kept_ports()
