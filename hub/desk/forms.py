"""What a page may send: checked before it becomes an event of the core."""

import re
from datetime import datetime, timedelta
from typing import Any, TypeGuard

from hub.city.feed import LOCAL
from hub.desk.accounts import Account
from hub.desk.roles import VERBS, WORKS
from hub.events import Action, DeskHere, Shown

SHOWN_MOST = 100
ID = re.compile(r"[0-9a-f]{16,64}")
CLOCK = re.compile(r"([01]?\d|2[0-3])[:.：]?([0-5]\d)")  # an IME writes full-width signs
AFTER = re.compile(r"[+＋](\d{1,4})")
DAY_MINUTES = 24 * 60  # nobody is asked again later than that


class Wrong(Exception):
    """A field that is not what it should be; both words are for the page's programmer."""

    def __init__(self, field: str, wanted: str) -> None:
        super().__init__(f"{field} should be {wanted}")
        self.field = field
        self.wanted = wanted


class BadTime(Exception):
    """The officer's time cannot be read."""


def is_desk(value: object) -> TypeGuard[str]:
    """16 hex digits, drawn by the page."""
    return isinstance(value, str) and len(value) == 16 and ID.fullmatch(value) is not None


def action(body: Any, account: Account, now_wall: int) -> Action:
    """{id, desk, verb, incident, data}; `data.at` of next_time is what the officer typed.

    Raises Wrong or BadTime. What the core checks is not checked here.
    """
    value = _object(body, "body")
    id_, desk = value.get("id"), value.get("desk")
    if not isinstance(id_, str) or not ID.fullmatch(id_):
        raise Wrong("id", "16..64 hex")
    if not is_desk(desk):
        raise Wrong("desk", "16 hex")
    if not isinstance(value.get("verb"), str) or value["verb"] not in VERBS:
        raise Wrong("verb", " ".join(VERBS))
    incident = value.get("incident")
    if not isinstance(incident, str) or len(incident) > 100:
        raise Wrong("incident", "at most 100 characters")
    data = _object(value.get("data", {}), "data")
    if value["verb"] == "next_time" and "at" in data:
        data = {"wall": moment(data["at"], now_wall)}
    if value["verb"] == "note" and isinstance(data.get("text"), str):
        data = {"text": " ".join(data["text"].split())}  # a line of the timeline is one line
    return Action(id_, desk, account.name, account.role, value["verb"], incident, data)


def moment(text: Any, now_wall: int) -> int:
    """`0340`, `03:40`: the next such time, +08:00; `+15`: in so many minutes. -> ms UTC.

    Raises BadTime.
    """
    text = text.strip() if isinstance(text, str) else ""
    after = AFTER.fullmatch(text)
    if after and 0 < int(after[1]) <= DAY_MINUTES:
        return now_wall + int(after[1]) * 60_000
    if found := CLOCK.fullmatch(text):
        now = datetime.fromtimestamp(now_wall // 1000, LOCAL)
        then = now.replace(hour=int(found[1]), minute=int(found[2]), second=0)
        if then <= now:
            then += timedelta(days=1)
        return int(then.timestamp()) * 1000
    raise BadTime(text)


def here(body: Any, account: Account, attended_ms: int) -> tuple[DeskHere, Shown | None, int]:
    """{desk, visible, sound, idle_ms, shown, away?}: -> its sign, what it has shown, idle ms.

    Only who may take listens; shown counts only where a person could see and hear it.
    """
    value = _object(body, "body")
    desk, idle, shown = value.get("desk"), value.get("idle_ms"), value.get("shown", [])
    visible, sound, away = value.get("visible"), value.get("sound"), value.get("away", False)
    if not is_desk(desk):
        raise Wrong("desk", "16 hex")
    if not isinstance(visible, bool) or not isinstance(sound, bool):
        raise Wrong("visible, sound", "true or false")
    if not isinstance(away, bool):
        raise Wrong("away", "true or false")
    if type(idle) is not int or idle < 0:
        raise Wrong("idle_ms", "0..")
    if not isinstance(shown, list) or not all(isinstance(each, str) for each in shown):
        raise Wrong("shown", "a list of incidents")
    takes = account.role in WORKS
    there = takes and not away
    listening = there and sound and idle < attended_ms
    sign = DeskHere(desk, account.name, account.role, listening, account.street, takes and away)
    seen = None
    if shown and there and visible and sound:
        seen = Shown(desk, account.name, tuple(shown[:SHOWN_MOST]))
    return sign, seen, idle


def _object(value: Any, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Wrong(name, "an object")
    return value
