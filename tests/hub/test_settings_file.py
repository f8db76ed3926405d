"""Changing one setting leaves all else in the file as people wrote it."""

from pathlib import Path
from typing import Any

import pytest

from hub import settings_file
from hub.folder import Folder
from hub.words import Sentence

TEXT = """# ours
district = "nanshan"
name = "南山区值班室" # as on the door

[presence] # silence
lost_s = 90
# [city]

[escalation]
command = [
  "aplay",
]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    made = Folder(tmp_path)
    made.toml.write_text(TEXT, "utf-8")
    return made


@pytest.mark.parametrize(
    ("name", "value", "changed"),
    [
        ("name", '南山 "1"', [('name = "南山区值班室" # as', 'name = "南山 \\"1\\"" # as')]),
        ("duty_phone", "110", [("on the door\n", 'on the door\nduty_phone = "110"\n')]),
        ("presence.lost_s", 70, [("lost_s = 90", "lost_s = 70")]),
        ("presence.echo_s", 6, [("# [city]\n", "# [city]\necho_s = 6\n")]),
        ("city.receipt_s", 30, []),
        ("board.show_name", True, []),
    ],
)
def test_one_value_changes_and_nothing_else(
    folder: Folder, name: str, value: Any, changed: list[tuple[str, str]]
) -> None:
    new = settings_file.change(folder, {name: value})
    section, _, key = name.rpartition(".")
    assert getattr(getattr(new, section) if section else new, key) == value
    assert folder.settings() == new
    expected = TEXT
    for old_text, new_text in changed:
        expected = expected.replace(old_text, new_text, 1)
    if section in ("city", "board"):
        assert folder.toml.read_text("utf-8").startswith(TEXT + f"\n[{section}]\n{key} = ")
    else:
        assert folder.toml.read_text("utf-8") == expected


def test_the_same_value_writes_nothing(folder: Folder) -> None:
    before = folder.toml.stat().st_mtime_ns
    settings_file.change(folder, {"presence.lost_s": 90, "city.receipt_s": 60})
    assert folder.toml.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("presence.lost_s", 0, "10 to"),
        ("presence.lost", 1, "did you mean lost_s"),
        ("name", 3, "text"),
        ("escalation.command", ["x"], "by hand"),
        ("district", "NS", "3 to 32"),
    ],
)
def test_what_no_hub_could_start_with_is_not_written(
    folder: Folder, name: str, value: Any, sentence: str
) -> None:
    with pytest.raises(Sentence, match=sentence):
        settings_file.change(folder, {name: value})
    assert folder.toml.read_text("utf-8") == TEXT


def test_a_file_that_is_wrong_already_is_said_so(folder: Folder) -> None:
    folder.toml.write_text("district = ")
    with pytest.raises(Sentence, match="is not TOML"):
        settings_file.change(folder, {"name": "x"})
