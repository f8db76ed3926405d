"""Hours of the week, as the registry writes them: `{from, until, days?}`, hours of +08:00 in
quarters: 8, 8.5 for half past eight.

`days` are ISO weekdays, 1 Monday to 7 Sunday; without them every day. A span over midnight belongs
to the day it began: Friday 22 to 7 is still Friday's at three on Saturday. `from` = `until` is a
whole day (24 小时值班).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from hub.city.feed import LOCAL

QUARTERS = 4  # of an hour
QUARTER_MS = 900_000  # what spans decide is the same all through one
DAYS = range(1, 8)
PARTS = ("from", "until", "days")  # of a span

Span = Mapping[str, Any]


def covers(span: Span, wall: int) -> bool:
    """Whether the moment `wall` (ms UTC) lies in the span."""
    local = datetime.fromtimestamp(wall // 1000, LOCAL)
    today, hour = local.isoweekday(), local.hour + local.minute / 60
    yesterday = today - 1 or 7
    days, start, end = span.get("days") or DAYS, span["from"], span["until"]
    if end <= start:
        end += 24
    return (today in days and start <= hour < end) or (yesterday in days and hour + 24 < end)


def covered(spans: Iterable[Span], wall: int) -> bool:
    """Whether any of them does; none entered is always."""
    spans = list(spans)
    return not spans or any(covers(each, wall) for each in spans)


def hours(quarters: int) -> float:
    """So many quarters as hours, a whole number where it is one."""
    whole, rest = divmod(quarters, QUARTERS)
    return whole + rest / QUARTERS if rest else whole


def clock(hour: float) -> str:
    """`08:30`; the end of a day is `24:00`."""
    return f"{int(hour):02d}:{int(hour * 60) % 60:02d}"


def wrong(span: Any) -> str:
    """The field of a span that cannot be right, or nothing."""
    if not isinstance(span, Mapping):
        return "from"
    for name, most in (("from", 23.75), ("until", 24)):
        hour: Any = span.get(name)
        if type(hour) not in (int, float) or not 0 <= hour <= most or hour * QUARTERS % 1:
            return name
    days = span.get("days", [*DAYS])
    each_right = isinstance(days, list) and all(type(n) is int and n in DAYS for n in days)
    return "" if each_right and days else "days"
