"""Which demo `press` finds when nobody says where it lives."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from hub.words import Sentence
from simulator import running


@pytest.fixture(autouse=True)
def _own_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))


def test_the_newest_that_still_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert running.newest() is None
    held = []
    for number, name in enumerate(("older", "newer"), 1):
        (tmp_path / name).mkdir()
        held.append(ExitStack())
        held[-1].enter_context(running.hold(tmp_path / name))
        monkeypatch.setattr("os.getpid", lambda number=number: number)
        running.announce(tmp_path / name, temporary=name == "newer")
    assert running.newest() == tmp_path / "newer"
    held[1].close()
    assert running.newest() == tmp_path / "older"
    running.clear_away()
    assert not (tmp_path / "newer").exists()
    held[0].close()
    running.clear_away()
    assert running.newest() is None and (tmp_path / "older").exists()


def test_one_demo_in_a_folder(tmp_path: Path) -> None:
    with (
        running.hold(tmp_path),
        pytest.raises(Sentence, match=str(tmp_path)),
        running.hold(tmp_path),
    ):
        pass
    with running.hold(tmp_path):
        pass


def test_a_folder_in_which_no_demo_could_begin_is_not_marked_as_one(tmp_path: Path) -> None:
    with pytest.raises(Sentence), running.hold(tmp_path):
        raise Sentence("真的值班室", "a real duty room")
    assert not (tmp_path / running.LOCK).exists()
