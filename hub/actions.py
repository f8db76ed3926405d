"""What people do at a desk: checked here, recorded once under the page's own random id.

Answers are codes with details; the desk has the sentences in both languages:
ok, again (done before under this id), no_incident, already_taken {by}, not_taken, closed {by},
needs_outcome, bad_value, disk.
"""

from collections.abc import Iterator
from typing import Any

from hub import incidents
from hub.core import Hub
from hub.events import Action, Answer, Effect, Now, Shown
from protocol.catalogue import is_text

OUTCOMES = ("real", "false_press", "no_answer")
SERVICES = ("110", "119", "120")
NOTE_MOST = 2000


def acted(hub: Hub, action: Action, now: Now) -> Iterator[Effect]:
    """One action of one person; a repeat of its id is answered and changes nothing."""
    if not all(is_text(each, NOTE_MOST) for each in (action.id, action.incident)):
        yield Answer(action.id, "bad_value", {"field": "id", "wanted": "text"})
        return
    done = hub.db.execute("SELECT row FROM actions WHERE id = ?", (action.id,)).fetchone()
    if done:
        yield Answer(action.id, "again", {})
        return
    incident = incidents.find(hub.db, action.incident)
    if incident is None:
        yield Answer(action.id, "no_incident", {"incident": action.incident})
        return
    if incident["state"] == "closed":
        yield Answer(action.id, "closed", {"by": incident["closed_by"] or ""})
        return
    code, detail, kind, body = _decide(action, incident, now)
    if code == "ok":
        body = {"incident": action.incident, "action": action.id, "desk": action.desk, **body}
        yield from hub.record(now, kind, action.actor, body)
    yield Answer(action.id, code, detail)


_Decision = tuple[str, dict[str, str], str, dict[str, Any]]


def _decide(action: Action, incident: Any, now: Now) -> _Decision:
    verb, data = action.verb, action.data
    taken = incident["state"] == "taken"
    if verb == "take":
        if taken:
            return "already_taken", {"by": incident["taken_by"]}, "", {}
        return "ok", {}, "taken", {}
    if verb == "note":
        text = data.get("text", "")
        if not is_text(text, NOTE_MOST) or not text.strip():
            return _bad("text", f"1..{NOTE_MOST}")
        return "ok", {}, "noted", {"text": text.strip()}
    if not taken:  # outcomes, hand-ons and ends belong to whoever has it in hand
        return "not_taken", {}, "", {}
    if verb == "outcome":
        if data.get("outcome") not in OUTCOMES:
            return _bad("outcome", " ".join(OUTCOMES))
        return "ok", {}, "called_back", {"outcome": data["outcome"]}
    if verb == "handed_on":
        if data.get("service") not in SERVICES:
            return _bad("service", " ".join(SERVICES))
        return "ok", {}, "handed_on", {"service": data["service"]}
    if verb == "next_time":
        wall = data.get("wall")
        if type(wall) is not int or not now.wall < wall <= now.wall + 86_400_000:
            return _bad("wall", "now .. +24 h")
        return "ok", {}, "next_time_set", {"wall": wall}
    if verb == "close":
        if incident["kind"] == "test":
            return "ok", {}, "closed", {"outcome": "test"}
        if not incident["outcome"]:
            return "needs_outcome", {}, "", {}
        return "ok", {}, "closed", {"outcome": incident["outcome"]}
    return _bad("verb", "take outcome handed_on note next_time close")


def _bad(field: str, wanted: str) -> _Decision:
    return "bad_value", {"field": field, "wanted": wanted}, "", {}


def shown(hub: Hub, event: Shown, now: Now) -> Iterator[Effect]:
    """A browser rendered incidents, visible, with sound on: evidence, once a desk."""
    new = tuple(
        incident
        for incident in event.incidents[:100]
        if incidents.find(hub.db, incident) is not None
        and not hub.db.execute(
            "SELECT 1 FROM shown WHERE incident = ? AND desk = ?", (incident, event.desk)
        ).fetchone()
    )
    if new:
        body = {"desk": event.desk, "incidents": list(new)}
        yield from hub.record(now, "shown", event.actor, body)
