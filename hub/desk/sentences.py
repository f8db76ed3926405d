"""Facts -> what a person reads: times of the day, and one line for each row of a timeline."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from hub.city.feed import LOCAL
from hub.desk.texts import WORDS
from hub.desk.views import Fact, Incident

DELAYED_MS = 5_000  # from the press to its line on record
Say = Callable[..., str]


class Line(NamedTuple):
    """One line of a timeline. `text` is what people or boards said: never markup."""

    time: str
    kind: str
    who: str
    text: str


def clock(wall: int) -> str:
    """ms UTC -> `03:12:07` +08:00."""
    return f"{datetime.fromtimestamp(wall // 1000, LOCAL):%H:%M:%S}"


def day(wall: int) -> str:
    """ms UTC -> `2026-11-26` +08:00."""
    return f"{datetime.fromtimestamp(wall // 1000, LOCAL):%Y-%m-%d}"


def hour(wall: int, today: str = "") -> str:
    """ms UTC -> `03:12` +08:00; on another day than `today` (`2026-11-26`) `11-25 03:12`."""
    on = day(wall)
    return clock(wall)[:5] if today in ("", on) else f"{on[5:]} {clock(wall)[:5]}"


def waited(ms: int) -> str:
    """`00:42`, `02:10`, from an hour on `1:02:10`."""
    seconds = max(0, ms) // 1000
    hours, rest = divmod(seconds, 3600)
    text = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{text}" if hours else text


def pressed(incident: Incident, say: Say) -> str:
    """The first press as a moment, or as an interval when no one knows better."""
    start = hour(incident.pressed_from, incident.today)
    end = hour(incident.pressed_to, incident.today)
    if not incident.pressed_from:  # nothing on record says since when
        return say("pressed.at_latest", time=end)
    return start if start == end else f"{start}-{end}"


def line(fact: Fact, first: bool, say: Say, today: str) -> Line:
    """`first`: it is the row that opened the incident; `today`: what is of another day has its
    date."""
    who = fact.actor if fact.kind not in ("reported", "unprocessed") else ""
    who = actor(who, say)
    on = day(fact.wall)
    time = clock(fact.wall) if on == today else f"{on[5:]} {clock(fact.wall)}"
    return Line(time, fact.kind, who, _text(fact, first, say))


def _text(fact: Fact, first: bool, say: Say) -> str:
    body, key = fact.body, f"line.{fact.kind}"
    match fact.kind:
        case "reported":
            return _reported(fact, first, say)
        case "unprocessed":
            return say(key, raw=body.get("raw", "")[:400])
        case "called_back" | "closed":
            if body.get("called") is False:
                key = "line.verified"
            return say(key, outcome=say(f"outcome.{body['outcome']}"))
        case "handed_on":
            return say(key, service=body["service"])
        case "noted" | "instructed":
            return say(key, text=body["text"])
        case "graded":
            return say(key, level=say(f"level.{body['level']}"))
        case "next_time_set":
            return say(key, time=hour(body["wall"], day(fact.wall)))
        case "paged":
            if not body["boards"]:
                return say(f"{key}.none")
            key = f"{key}.nobody" if body["why"] == "nobody_listening" else key
            return say(key, count=len(body["boards"]))
        case "escalated":
            return say(f"{key}.nobody" if body["why"] == "nobody_listening" else key)
        case "command_ran":
            return say(key, exit=body["exit"])
        case "notified":
            round_, others = body.get("round", 1), body.get("others", 0)
            told = (
                say(
                    key,
                    who=f"{body['post']} {body['name']}".strip(),
                    channel=channel(body["channel"], say),
                ),
                say(f"{key}.round", n=round_) if round_ > 1 else "",
                say(f"{key}.others", count=others) if others else "",
            )
            return "".join(told)
        case "notice_receipt":
            state = say(f"receipt.{body['state']}")
            why = why_failed(body["detail"], say)
            return say(
                f"{key}.why" if why else key,
                who=body["name"],
                channel=channel(body["channel"], say),
                state=state,
                why=why,
            )
        case "city_received":
            return say(key, who=body["who"])
        case "taken" if body.get("street"):
            return say("line.taken.street")
        case "taken" | "relieved" | "shown" | "reminded" | "made_real":
            return say(key)
    return say("line.other", kind=fact.kind)


def actor(name: str, say: Say) -> str:
    """A person's name; what is no person has a word of ours."""
    return say(f"by.{name}") if f"by.{name}" in WORDS else name


def channel(name: str, say: Say) -> str:
    """A way by which people are told; one that is no more keeps its bare name."""
    return say(f"channel.{name}") if f"channel.{name}" in WORDS else name


def why_failed(detail: str, say: Say) -> str:
    """Why a notice failed: in our words where they are ours, else as the other side said it."""
    return say(detail) if detail in WORDS else detail


def _reported(fact: Fact, first: bool, say: Say) -> str:
    report = fact.body["report"]
    kind = report["kind"]
    if kind == "answer":
        code = {"taken": "taken_there", "busy": "busy"}.get(report.get("code", ""), "heard")
        return say(f"line.{code}", board=fact.body["site_name"])
    if kind == "alarm" and not first:
        kind = "again"
    return say(f"line.{kind}") + _before(fact, say)


def _before(fact: Fact, say: Say) -> str:
    """When it was pressed, where that was well before the line's own time, or may have been."""
    start, end = fact.body["pressed_from"], fact.body["pressed_to"]
    if fact.wall - start < DELAYED_MS:
        return ""
    if not start:
        return say("line.pressed", time=say("pressed.at_latest", time=clock(end)))
    span = clock(start) if end - start < 1000 else f"{clock(start)}-{clock(end)}"
    if day(start) != day(fact.wall):
        span = f"{day(start)[5:]} {span}"
    return say("line.pressed", time=span)
