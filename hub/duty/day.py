"""Days and their times, as a duty room counts them: +08:00."""

from datetime import datetime

from hub.city.feed import LOCAL

DAY_MS = 86_400_000


def day_of(wall: int) -> str:
    """ms UTC -> `YYYY-MM-DD`."""
    return f"{datetime.fromtimestamp(wall // 1000, LOCAL):%Y-%m-%d}"


def clock(wall: int) -> str:
    """ms UTC -> `HH:MM`."""
    return f"{datetime.fromtimestamp(wall // 1000, LOCAL):%H:%M}"


def time_of_day(wall: int, at: str) -> int:
    """`HH:MM` of the day of `wall`, in ms UTC."""
    hours, minutes = (int(part) for part in at.split(":"))
    then = datetime.fromtimestamp(wall // 1000, LOCAL).replace(
        hour=hours, minute=minutes, second=0, microsecond=0
    )
    return int(then.timestamp()) * 1000
