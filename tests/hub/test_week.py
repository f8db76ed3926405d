"""Hours of the week: nights over midnight belong to the day they began."""

from datetime import datetime
from typing import Any

import pytest

from hub import week


def wall(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp() * 1000)


FRIDAY, SATURDAY, SUNDAY, MONDAY = "2026-06-05", "2026-06-06", "2026-06-07", "2026-06-08"


@pytest.mark.parametrize(
    ("span", "moment", "there"),
    [
        ({"from": 8, "until": 18}, f"{SUNDAY}T08:00:00", True),
        ({"from": 8, "until": 18}, f"{SUNDAY}T17:59:59", True),
        ({"from": 8, "until": 18}, f"{SUNDAY}T18:00:00", False),
        ({"from": 0, "until": 24}, f"{SUNDAY}T23:59:59", True),
        ({"from": 22, "until": 7, "days": [5]}, f"{FRIDAY}T22:00:00", True),
        ({"from": 22, "until": 7, "days": [5]}, f"{SATURDAY}T06:59:59", True),
        ({"from": 22, "until": 7, "days": [5]}, f"{SATURDAY}T07:00:00", False),
        ({"from": 22, "until": 7, "days": [5]}, f"{SATURDAY}T22:00:00", False),
        ({"from": 22, "until": 7, "days": [5]}, f"{FRIDAY}T03:00:00", False),
        ({"from": 22, "until": 7, "days": [7]}, f"{MONDAY}T03:00:00", True),
        ({"from": 8.5, "until": 17.75}, f"{SUNDAY}T08:29:59", False),
        ({"from": 8.5, "until": 17.75}, f"{SUNDAY}T08:30:00", True),
        ({"from": 8.5, "until": 17.75}, f"{SUNDAY}T17:44:59", True),
        ({"from": 8.5, "until": 17.75}, f"{SUNDAY}T17:45:00", False),
        ({"from": 17.5, "until": 8.5, "days": [5]}, f"{SATURDAY}T08:29:59", True),
        ({"from": 17.5, "until": 8.5, "days": [5]}, f"{SATURDAY}T08:30:00", False),
        ({"from": 8, "until": 8, "days": [6]}, f"{SATURDAY}T08:00:00", True),
        ({"from": 8, "until": 8, "days": [6]}, f"{SUNDAY}T07:59:59", True),
        ({"from": 8, "until": 8, "days": [6]}, f"{SUNDAY}T08:00:00", False),
        ({"from": 0, "until": 24, "days": [6, 7]}, f"{MONDAY}T00:00:00", False),
    ],
)
def test_a_span(span: dict[str, Any], moment: str, there: bool) -> None:
    assert week.covers(span, wall(moment)) is there


def test_no_hours_are_all_hours() -> None:
    night = {"from": 22, "until": 7}
    assert week.covered([], wall(f"{SUNDAY}T12:00:00"))
    assert not week.covered([night], wall(f"{SUNDAY}T12:00:00"))
    assert week.covered([night, {"from": 8, "until": 18}], wall(f"{SUNDAY}T12:00:00"))
