"""Roll calls at fixed times of the day (定时点名): the hub opens each as a person would."""

from collections.abc import Iterator

from hub.core import Hub
from hub.duty import asks, service, sites
from hub.duty.day import DAY_MS, time_of_day
from hub.events import Effect, Now

MINUTES = 10  # for answers, as the form of a person's roll call proposes
LATE_MS = 10 * sites.MINUTE_MS  # a hub that comes back later than this leaves it to the next


def watch(hub: Hub, now: Now) -> Iterator[Effect]:
    """A pass: each time once, of every site that is not out of service as a whole."""
    due = [
        each
        for each in _times(now.wall, hub.settings.duty.roll_calls)
        if each <= now.wall < each + LATE_MS
    ]
    if not due:
        return
    last = hub.db.execute(
        "SELECT opened_wall FROM asks WHERE kind = 'roll_call' AND opened_by = 'hub'"
        " ORDER BY row DESC LIMIT 1"
    ).fetchone()
    (born,) = hub.db.execute("SELECT wall FROM ledger WHERE number = 1").fetchone()
    if max(last["opened_wall"] if last else 0, born) >= due[-1]:
        return
    out = service.boards_out(hub.db, hub.registry)
    facts = (hub.registry.board(each) or {} for each in hub.registry.boards() if each not in out)
    if where := sites.chosen(hub.registry, list(dict.fromkeys(each["site"] for each in facts))):
        body = asks.opening(hub.registry, "roll_call", "", MINUTES, where, now)
        yield from hub.record(now, "ask_opened", "hub", body)


def coming(wall: int, at: str) -> int | None:
    """The next time after `wall`, today or tomorrow, in ms UTC; None where there is none. `at`:
    times `HH:MM` with a space between."""
    today = _times(wall, at)
    return next((each for each in today if each > wall), today[0] + DAY_MS) if today else None


def _times(wall: int, at: str) -> list[int]:
    """Of the day of `wall`, the earliest first."""
    return sorted(time_of_day(wall, each) for each in at.split())
