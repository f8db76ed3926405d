"""What a person enters, in a form or in a sheet -> rows of the registry. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from hub import week
from protocol.topics import is_id

NAME_MOST = 40
PLACE_MOST = 20  # beside the site's name, in one row of the desk
FACT_MOST = 120
DAY = 24 * week.QUARTERS  # quarters of an hour
WEEK = 7 * DAY
PHONE = re.compile(r"\+?\d[\d -]{1,20}\d")
FOUR = re.compile(r"\d{4}")
HOUR = re.compile(
    r"(\d{1,2})(?::(00|15|30|45)(?::00)?|\.(0|25|5|75)|点(?:(半)|(00|15|30|45)分?)?)?"
)
FRACTION = {"0": 0, "25": 1, "5": 2, "75": 3}
WEEKDAY = re.compile("(?:周|星期|礼拜)?([一二三四五六日天])")
BY_EXCEL = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
YES = frozenset({"是", "y", "yes", "1", "true", "on", "√"})
NO = frozenset({"", "否", "n", "no", "0", "false", "×"})
DAYS: dict[str, list[int]] = {
    "": [],
    "每天": [],
    "daily": [],
    "工作日": [1, 2, 3, 4, 5],
    "weekdays": [1, 2, 3, 4, 5],
    "周末": [6, 7],
    "weekend": [6, 7],
}


class Wrong(Exception):
    """`field`: its text is `field.<field>`; `why`: `fault.<why>`; `value`: what stood there."""

    def __init__(self, field: str, why: str, value: str = "") -> None:
        super().__init__(f"{field}: {why}: {value}")
        self.field = field
        self.why = why
        self.value = value


class Contact(NamedTuple):
    """As it was typed."""

    role: str = ""
    name: str = ""
    phone: str = ""
    from_: str = ""
    until: str = ""
    days: str = ""


def plain(text: str) -> str:
    """Full-width digits and letters as ordinary ones, no space around."""
    return unicodedata.normalize("NFKC", text).strip()


def name(field: str, text: str, *, needed: bool = True) -> str:
    """A name that people read: one line, at most 40 characters. Raises Wrong."""
    text = " ".join(text.split())
    if needed and not text:
        raise Wrong(field, "empty")
    if len(text) > NAME_MOST:
        raise Wrong(field, "long", text)
    if any(unicodedata.category(each).startswith("C") for each in text):
        raise Wrong(field, "odd", text)
    return text


def place(text: str) -> str:
    """Where on its site a board is: at most 20 characters, or nothing. Raises Wrong."""
    text = name("place", text, needed=False)
    if len(text) > PLACE_MOST:
        raise Wrong("place", "long_place", text)
    return text


def fact(field: str, text: str) -> str:
    """What is said of a site: one line, at most 120 characters, or nothing. Raises Wrong."""
    text = " ".join(text.split())
    if len(text) > FACT_MOST:
        raise Wrong(field, "long_fact", text)
    if any(unicodedata.category(each).startswith("C") for each in text):
        raise Wrong(field, "odd", text)
    return text


def ident(field: str, text: str) -> str:
    """Raises Wrong."""
    lower = plain(text).lower()
    if not is_id(lower):
        raise Wrong(field, "id", text)
    return lower


def phone(text: str) -> str:
    """Raises Wrong."""
    text = plain(text)
    if not text:
        raise Wrong("phone", "empty")
    if BY_EXCEL.fullmatch(text):
        raise Wrong("phone", "by_excel", text)
    if not PHONE.fullmatch(text):
        raise Wrong("phone", "phone", text)
    digits = re.sub(r"\D", "", text)
    if len(digits) in (10, 11) and not text.startswith(("+", "0", "1", "400", "800")):
        raise Wrong("phone", "lost_zero", text)  # an area code without its 0
    if len(digits) == 10 and text.startswith("1"):
        raise Wrong("phone", "short_mobile", text)
    return text


def hour(field: str, text: str, empty: int, most: float) -> float:
    """7, 07:00, 8:30, 0830, 8:30:00, 8.5, 8点半. Raises Wrong."""
    text = plain(text)
    if not text:
        return empty
    if FOUR.fullmatch(text):
        text = f"{text[:2]}:{text[2:]}"
    found = HOUR.fullmatch(text)
    if not found:
        raise Wrong(field, "hour", text)
    hours, clock, fraction, half, minutes = found.groups()
    part = int(clock or minutes or ("30" if half else "0")) // 15 + FRACTION[fraction or "0"]
    quarters = int(hours) * week.QUARTERS + part
    if quarters > most * week.QUARTERS:
        raise Wrong(field, "late", text)
    return week.hours(quarters)


def days(text: str) -> list[int]:
    """1 = Monday to 7; [] = every day. `1-5`, `6,7`, 工作日, 周一至周五. Raises Wrong."""
    text = plain(text).lower()
    if text in DAYS:
        return DAYS[text]
    found: set[int] = set()
    numbers = WEEKDAY.sub(lambda day: str(min(7, "一二三四五六日天".index(day[1]) + 1)), text)
    for part in re.split(r"[,、和 ]+", re.sub(" *[-至到~—] *", "-", numbers)):
        span = re.fullmatch(r"([1-7])(?:-([1-7]))?", part)
        if not span or int(span[1]) > int(span[2] or 7):
            raise Wrong("days", "days", text)
        found |= set(range(int(span[1]), int(span[2] or span[1]) + 1))
    return sorted(found) if len(found) < 7 else []


def yes(field: str, text: str) -> bool:
    """Raises Wrong."""
    text = plain(text).lower()
    if text in YES:
        return True
    if text not in NO:
        raise Wrong(field, "yes", text)
    return False


def contact(given: Contact, told: Callable[[Wrong], None] | None = None) -> dict[str, Any] | None:
    """A row of a site's contacts; None of an empty line. Raises Wrong, but where every fault is
    `told`: then what was wrong stands there as None."""
    if not any(part.strip() for part in given):
        return None

    def checked(read: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return read(*arguments)
        except Wrong as wrong:
            if told is None:
                raise
            told(wrong)
            return None

    row: dict[str, Any] = {
        "name": checked(name, "contact", given.name),
        "phone": checked(phone, given.phone),
        "from": checked(hour, "from", given.from_, 0, 23.75),
        "until": checked(hour, "until", given.until, 24, 24),
    }
    if role := checked(lambda: name("role", given.role, needed=False)):
        row["role"] = role
    if on := checked(days, given.days):
        row["days"] = on
    return row


def typed(row: dict[str, Any]) -> Contact:
    """A row of a site's contacts, as one would type it."""
    return Contact(
        row.get("role") or "",
        row["name"],
        row["phone"],
        typed_hour(row["from"]),
        typed_hour(row["until"]),
        typed_days(row.get("days") or []),
    )


def typed_hour(hour: float) -> str:
    """8, 8:30."""
    return str(hour) if isinstance(hour, int) else week.clock(hour).lstrip("0").rjust(4, "0")


def uncovered(spans: list[dict[str, Any]]) -> float:
    """How many hours of a week none of them covers."""
    return week.hours(WEEK - len(covered(spans)))


def covered(spans: Iterable[dict[str, Any]]) -> frozenset[int]:
    """Quarters of an hour of the week, from Monday's first, that are on file."""
    given = ((each["from"], each["until"], tuple(each.get("days") or week.DAYS)) for each in spans)
    return frozenset[int]().union(*(_quarters(*each) for each in given))


def gaps(quarters: frozenset[int]) -> list[tuple[str, float, float]]:
    """What of a week is not in `quarters`: (days as one types them, from, until in hours)."""
    found: dict[tuple[int, int], list[int]] = {}
    for day in week.DAYS:
        free = [each for each in range(DAY) if (day - 1) * DAY + each not in quarters]
        for _, run in groupby(enumerate(free), lambda each: each[1] - each[0]):
            span = [each for _, each in run]
            found.setdefault((span[0], span[-1] + 1), []).append(day)
    return [
        (typed_days(on), week.hours(start), week.hours(end))
        for (start, end), on in sorted(found.items())
    ]


def typed_days(on: list[int]) -> str:
    """Weekdays as one types them: 1-5, 6,7; empty for every day."""
    if len(on) in (0, 7):
        return ""
    whole = on == list(range(on[0], on[-1] + 1)) and len(on) > 2
    return f"{on[0]}-{on[-1]}" if whole else ",".join(map(str, on))


@lru_cache
def _quarters(start: float, end: float, days: tuple[int, ...]) -> frozenset[int]:
    """Of the week, from Monday's first; as `hub/week.py` understands a span."""
    if end <= start:
        end += 24
    span = range(int(start * week.QUARTERS), int(end * week.QUARTERS))
    return frozenset(((day - 1) * DAY + each) % WEEK for day in days for each in span)


def unused(taken: Callable[[str], bool], stem: str) -> str:
    """The first free one of stem-1, stem-2, ..."""
    number = 1
    while taken(f"{stem}-{number}"):
        number += 1
    return f"{stem}-{number}"
