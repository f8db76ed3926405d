"""What a page may send."""

from typing import Any

import pytest

from hub.desk import forms
from hub.desk.accounts import Account

OFFICER = Account("zhangwei", "张伟", "officer")
ADMINISTRATOR = Account("admin", "王工", "administrator")
DAY = 86_400_000
NOW = 1_780_000_000_000  # 2026-05-29 04:26:40 +08:00
MIDNIGHT = NOW - (NOW + 8 * 3_600_000) % DAY
GOOD = {"id": "ab" * 16, "desk": "0" * 16, "verb": "take", "incident": "x-1", "data": {}}
SIGN = {"desk": "0" * 16, "visible": True, "sound": True, "idle_ms": 5, "shown": ["x-1"]}


def test_a_good_action_carries_the_sessions_person() -> None:
    action = forms.action({**GOOD, "actor": "李敏", "role": "king"}, OFFICER, NOW)
    assert (action.actor, action.role, action.verb) == ("张伟", "officer", "take")


def test_a_note_is_one_line() -> None:
    note = {**GOOD, "verb": "note", "data": {"text": " 已致电\r\n\t等待 回复\n"}}
    assert forms.action(note, OFFICER, NOW).data == {"text": "已致电 等待 回复"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", None),
        ("id", "short"),
        ("id", "G" * 32),
        ("id", "0" * 65),
        ("desk", 5),
        ("desk", "0" * 15),
        ("verb", "mute"),
        ("verb", ["take"]),
        ("incident", "x" * 101),
        ("data", []),
    ],
)
def test_a_malformed_action_is_named(field: str, value: Any) -> None:
    with pytest.raises(forms.Wrong, match=field):
        forms.action({**GOOD, field: value}, OFFICER, NOW)


@pytest.mark.parametrize("body", [None, [], "take", 5])
def test_a_body_that_is_no_object(body: Any) -> None:
    with pytest.raises(forms.Wrong, match="body"):
        forms.action(body, OFFICER, NOW)


@pytest.mark.parametrize(
    ("typed", "wall"),
    [
        ("0427", MIDNIGHT + (4 * 60 + 27) * 60_000),
        ("04:27", MIDNIGHT + (4 * 60 + 27) * 60_000),
        (" 23：59 ", MIDNIGHT + (23 * 60 + 59) * 60_000),
        ("4.30", MIDNIGHT + (4 * 60 + 30) * 60_000),
        ("0426", MIDNIGHT + DAY + (4 * 60 + 26) * 60_000),
        ("0000", MIDNIGHT + DAY),
        ("+15", NOW + 15 * 60_000),
        ("＋90", NOW + 90 * 60_000),
    ],
)
def test_times_as_officers_write_them(typed: str, wall: int) -> None:
    assert forms.moment(typed, NOW) == wall


@pytest.mark.parametrize(
    "typed", ["", "+0", "+1441", "2400", "1260", "soon", "+", "-5", "12345", None, 340]
)
def test_what_is_no_time(typed: Any) -> None:
    with pytest.raises(forms.BadTime):
        forms.moment(typed, NOW)


def test_who_listens() -> None:
    assert forms.here(SIGN, OFFICER, 1000)[0].listening
    assert not forms.here({**SIGN, "sound": False}, OFFICER, 1000)[0].listening
    assert not forms.here({**SIGN, "idle_ms": 1000}, OFFICER, 1000)[0].listening
    assert forms.here({**SIGN, "visible": False}, OFFICER, 1000)[0].listening
    assert not forms.here(SIGN, ADMINISTRATOR, 1000)[0].listening


def test_whoever_is_away_neither_listens_nor_sees() -> None:
    sign, seen, _ = forms.here({**SIGN, "away": True}, OFFICER, 1000)
    assert sign.away and not sign.listening and seen is None
    assert not forms.here({**SIGN, "away": True}, ADMINISTRATOR, 1000)[0].away


def test_shown_needs_a_page_that_is_seen_and_heard() -> None:
    _, seen, _ = forms.here(SIGN, OFFICER, 1000)
    assert seen and seen.incidents == ("x-1",)
    hidden: dict[str, Any]
    for hidden in ({"visible": False}, {"sound": False}, {"shown": []}):
        assert forms.here({**SIGN, **hidden}, OFFICER, 1000)[1] is None
    assert forms.here(SIGN, ADMINISTRATOR, 1000)[1] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("desk", ""),
        ("visible", 1),
        ("sound", None),
        ("idle_ms", -1),
        ("idle_ms", True),
        ("away", 1),
    ],
)
def test_a_malformed_sign_of_life(field: str, value: Any) -> None:
    with pytest.raises(forms.Wrong, match=field):
        forms.here({**SIGN, field: value}, OFFICER, 1000)
