"""What people do at a desk: checked here, recorded once under the page's own random id.

Answers are codes with details; the desk has the sentences in both languages: ok, again (done
before under this id), no_incident, already_taken {by}, not_taken, closed {by}, needs_outcome,
needs_hand_on, no_callback, is_drill, bad_value, disk, and those of each room's own verbs. Who may
use which verb is the web gate's matter.
"""

from collections.abc import Iterator
from typing import Any

from hub import emergency, incidents, levels, posts, sounds
from hub.channels import tries
from hub.core import Hub
from hub.decision import Decision, Verb, bad, record, refuse
from hub.duty import asks, drills, service
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
    decision = _decide(hub, action, now)
    if decision.code == "ok":
        body = {"action": action.id, "desk": action.desk, **(decision.body or {})}
        if action.incident:
            body = {"incident": action.incident, **body}
        yield from hub.record(now, decision.kind, action.actor, body)
    yield Answer(action.id, decision.code, decision.detail)


def _decide(hub: Hub, action: Action, now: Now) -> Decision:
    verb = VERBS.get(action.verb)
    if verb is None:
        return bad("verb", " ".join(VERBS))
    if verb.about == "nothing":
        if action.incident:
            return bad("incident", '""')
        return verb.decide(hub, action, None, now)
    incident = incidents.find(hub.db, action.incident)
    if incident is None:
        return refuse("no_incident", incident=action.incident)
    if incident["state"] == "closed":
        return refuse("closed", by=incident["closed_by"] or "")
    if verb.about == "taken" and incident["state"] != "taken":
        return refuse("not_taken")
    return verb.decide(hub, action, incident, now)


def _take(_hub: Hub, action: Action, incident: Any, _now: Now) -> Decision:
    if incident["state"] == "taken":
        return refuse("already_taken", by=incident["taken_by"])
    return record("taken", street=True) if action.role == "street" else record("taken")


def _note(_hub: Hub, action: Action, _incident: Any, _now: Now) -> Decision:
    text = action.data.get("text", "")
    if not is_text(text, NOTE_MOST) or not text.strip():
        return bad("text", f"1..{NOTE_MOST}")
    return record("noted", text=text.strip())


def _outcome(_hub: Hub, action: Action, incident: Any, _now: Now) -> Decision:
    if incident["kind"] == "drill":
        return refuse("is_drill")
    outcome = action.data.get("outcome")
    if outcome not in OUTCOMES:
        return bad("outcome", " ".join(OUTCOMES))
    if incident["kind"] != "duress":
        return record("called_back", outcome=outcome)
    if outcome == "no_answer":  # nobody rings where somebody may stand beside the phone
        return refuse("no_callback")
    return record("called_back", outcome=outcome, called=False)


def _hand_on(_hub: Hub, action: Action, incident: Any, _now: Now) -> Decision:
    if incident["kind"] == "drill":
        return refuse("is_drill")
    if action.data.get("service") not in SERVICES:
        return bad("service", " ".join(SERVICES))
    return record("handed_on", service=action.data["service"])


def _next_time(_hub: Hub, action: Action, _incident: Any, now: Now) -> Decision:
    wall = action.data.get("wall")
    if type(wall) is not int or not now.wall < wall <= now.wall + 86_400_000:
        return bad("wall", "now .. +24 h")
    return record("next_time_set", wall=wall)


def _close(_hub: Hub, _action: Action, incident: Any, _now: Now) -> Decision:
    if incident["kind"] in ("test", "drill"):
        return record("closed", outcome=incident["kind"])
    if not incident["outcome"]:
        return refuse("no_callback" if incident["kind"] == "duress" else "needs_outcome")
    if incident["outcome"] == "no_answer" and not _somebody_sent(incident):
        return refuse("needs_hand_on")  # treated as real: somebody must go and see
    return record("closed", outcome=incident["outcome"])


def _somebody_sent(incident: Any) -> bool:
    """Since it was pressed last; 异常 asks for a call and for nobody."""
    return incident["kind"] == "abnormal" or incident["sent_row"] is not None


# outcomes, hand-ons and ends belong to whoever has it in hand
VERBS = {
    "take": Verb("open", _take),
    "note": Verb("open", _note),
    "outcome": Verb("taken", _outcome),
    "handed_on": Verb("taken", _hand_on),
    "next_time": Verb("taken", _next_time),
    "close": Verb("taken", _close),
    **drills.VERBS,
    **asks.VERBS,
    **sounds.VERBS,
    **posts.VERBS,
    **tries.VERBS,
    "grade": Verb("open", levels.grade),
    "instruct": Verb("open", levels.instruct),
    **service.VERBS,
    **emergency.VERBS,
}


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
