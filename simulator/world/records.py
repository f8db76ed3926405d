"""What must be true once everything has healed: of the ledger, of what the city has heard and of
what people really did. Rows and traffic are compared with each other, not with the hub's tables.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub import ledger, schema, store
from hub.events import Action
from simulator.world.checkers import Judge, Name
from simulator.world.disk import open_database
from simulator.world.people import City

CALLS = ("alarm", "duress", "test")
OUTCOMES = ("real", "false_press", "no_answer")
VERBS = {
    "taken": "take",
    "called_back": "outcome",
    "handed_on": "handed_on",
    "noted": "note",
    "next_time_set": "next_time",
    "closed": "close",
}
BATCH_MS = 25  # what arrives waits so long at most for its batch


class Records:
    """One look at a healed world. `asked`: every action of every person, by its id."""

    def __init__(
        self, judge: Judge, db: sqlite3.Connection, city: City, asked: Mapping[str, Action]
    ) -> None:
        self.judge = judge
        self.db = db
        self.city = city
        self.asked = asked
        self.now_ms = 0
        self.rows = {row.number: row for row in ledger.rows(db)}
        self.heard: dict[int, list[tuple[str, dict[str, Any]]]] = {}  # row -> (topic, event)

    def check(self, now_ms: int, under_way_ms: Mapping[Name, int], stepped: bool) -> None:
        """`under_way_ms`: how long a report travelled; `stepped`: the wall clock was set."""
        self.now_ms = now_ms
        self._chain()
        self._feeds()
        self._presses()
        self._times(under_way_ms, stepped)
        self._people()

    def _wrong(self, verdict: str, about: object, sentence: str, row: int | None = None) -> None:
        """`row`: the ledger row that says when it was; its steady clock is the world's."""
        at_ms = self.rows[row].steady if row in self.rows else self.now_ms
        self.judge.wrong(verdict, at_ms, about, sentence)

    # --- the ledger -------------------------------------------------------------------------

    def _chain(self) -> None:
        for finding in ledger.verify(self.db):
            about = f"ledger row {finding.number}: {finding.sentence}"
            self._wrong("lost", ("chain", finding.number), about, finding.number)
        for row in self.rows.values():
            if row.kind == "unprocessed":
                about = f"ledger row {row.number}: the hub stumbled: {row.body['why']}"
                self._wrong("lost", ("chain", row.number), about, row.number)

    def rebuild(self) -> None:
        """An export alone gives the same tables again."""
        copy = open_database()
        copy.execute("BEGIN")
        schema.prepare(copy)
        ledger.load(copy, ledger.export(self.db))
        try:
            store.replay(copy, ledger.rows(copy), lambda number: None)
        except sqlite3.Error as error:
            self._wrong("doubled", "rebuild", f"the export cannot be replayed: {error}")
            return
        copy.execute("COMMIT")
        ours, rebuilt = store.dump(self.db), store.dump(copy)
        for table, rows in ours.items():
            if rows != rebuilt[table]:
                odd = next(iter(set(rows) ^ set(rebuilt[table])), "")
                self._wrong(
                    "lost",
                    ("rebuild", table),
                    f"a rebuild from the export gives another table {table}: {odd}",
                )

    # --- the city ---------------------------------------------------------------------------

    def _feeds(self) -> None:
        for clash in self.city.clashes:
            self._wrong("swallowed", clash, f"the city's event {clash}")
        ids: Counter[str] = Counter()
        incidents: dict[str, list[dict[str, Any]]] = {}
        for topic, events in self.city.events.items():
            missing = sorted(set(range(1, max(events, default=0) + 1)) - set(events))
            if missing:
                self._wrong(
                    "lost",
                    ("gap", topic),
                    f"the city's feed {topic} has no {missing[0]}, and the refill neither",
                )
            for _, event in sorted(events.items()):
                ids[event["id"]] += 1
                row = int(event["id"].rpartition("-")[2])
                if row not in self.rows:
                    about = f"the city heard {event['id']}, and there is no such ledger row"
                    self._wrong("falsely_confirmed", ("row", row), about)
                    continue
                incidents.setdefault(event["subject"], []).append(event)
                self.heard.setdefault(row, []).append((topic, event))
                kind = event["data"]["kind"]
                if (kind == "test") != (topic == "exercise"):
                    about = f"the city heard of a {kind} on {topic}: {event['id']}"
                    self._wrong("silent", ("topic", event["id"]), about, row)
        for id_, count in ids.items():
            if count > 1:
                self._wrong("doubled", ("id", id_), f"{count} of the city's events are {id_}")
        for incident, events_ in incidents.items():
            self._story(incident, events_)

    def _story(self, incident: str, events: list[dict[str, Any]]) -> None:
        """One incident as the city was told it: begins with new, ends with closed, counts right,
        and never says that a withdrawal stands after a later press."""
        changes = [event["data"]["change"] for event in events]
        if changes[0] != "new" or "new" in changes[1:] or "closed" in changes[:-1]:
            self._wrong(
                "silent", ("story", incident), f"the city heard of {incident}: {' '.join(changes)}"
            )
        presses = holds = 0
        for event in events:
            row = self.rows[int(event["id"].rpartition("-")[2])]
            data = event["data"]
            if data["change"] in ("new", "again", "hold"):
                held = row.body["report"]["kind"] == "hold"
                holds += held
                presses += not held
                if data["withdraw_time"] is not None:
                    self._wrong(
                        "falsely_confirmed",
                        ("withdraw", incident),
                        f"{event['id']}: pressed again, and the withdrawal before still stands",
                        row.number,
                    )
            if (data["presses"], data["holds"]) != (presses, holds):
                self._wrong(
                    "doubled" if data["presses"] >= presses else "lost",
                    ("presses", incident),
                    f"{event['id']} says {data['presses']} presses and {data['holds']} holds;"
                    f" the ledger has {presses} and {holds}",
                    row.number,
                )
            if data["change"] == "withdraw_asked" and self._pressed_after(row):
                self._wrong(
                    "falsely_confirmed",
                    ("withdraw", incident),
                    f"{event['id']}: a withdrawal stands that a later press had voided",
                    row.number,
                )
        self._last_state(incident, events[-1]["data"])

    def _pressed_after(self, row: ledger.Row) -> bool:
        """Whether a red press made after the one that this withdrawal is about came before it."""
        boot, _, number = row.body["report"]["about"].partition(":")
        return any(
            each.kind == "reported"
            and each.number < row.number
            and each.body["board"] == row.body["board"]
            and each.body["report"]["kind"] == "alarm"
            and each.body["report"]["boot"] == boot
            and each.body["report"]["number"] > int(number)
            for each in self.rows.values()
        )

    def _last_state(self, incident: str, data: dict[str, Any]) -> None:
        """What the city heard last is what the ledger's rows come to."""
        first = int(incident.rpartition("-")[2])
        owner = self.judge.committed.owner.get(first)
        if owner is None:
            return
        is_open = self.judge.committed.open.get(owner) == first
        state = self.judge.committed.state(*owner) if is_open else "closed"
        if data["state"] != state:
            self._wrong(
                "silent",
                ("state", incident),
                f"the city last heard of {incident} that it is {data['state']}; in the ledger it"
                f" is {state}",
            )

    # --- presses ----------------------------------------------------------------------------

    def _presses(self) -> None:
        """Each press has an incident of its own kind, and the city has heard of it; so it has of
        what people did about it."""
        for row in self.rows.values():
            changes = {
                event["data"]["change"]: event for _, event in self.heard.get(row.number, ())
            }
            if row.kind == "reported" and row.body["report"]["kind"] in CALLS:
                kind = row.body["report"]["kind"]
                event = changes.get("new") or changes.get("again")
                if row.body["restored"] or row.body["quiet"]:
                    continue
                if event is None or event["data"]["kind"] != kind:
                    self._wrong(
                        "silent",
                        ("heard", row.number),
                        f"{kind} of {row.body['board']} in ledger row {row.number}: the city"
                        f" never heard of it as {kind}",
                        row.number,
                    )
            elif (row.kind in VERBS or row.kind == "escalated") and not changes:
                self._wrong(
                    "silent",
                    ("heard", row.number),
                    f"{row.kind} in ledger row {row.number}: the city never heard of it",
                    row.number,
                )

    def _times(self, under_way_ms: Mapping[Name, int], stepped: bool) -> None:
        """The interval on record holds the instant at which the key's contact closed. The road
        from board to hub is in it: only the world knows how long that was."""
        for row in self.rows.values():
            if row.kind != "reported":
                continue
            report = row.body["report"]
            name = (row.body["board"], report["boot"], report["number"])
            press = self.judge.by_name.get(name)
            if press is None or press.contact_ms is None:
                continue
            offset = row.wall - row.steady
            from_ms, to_ms = row.body["pressed_from"] - offset, row.body["pressed_to"] - offset
            slack_ms = under_way_ms.get(name, 0) + BATCH_MS
            too_late = from_ms - slack_ms > press.contact_ms and not (
                stepped and report["reboots"]
            )
            if too_late or to_ms < press.contact_ms:
                self._wrong(
                    "falsely_confirmed",
                    ("time", name),
                    f"press {press.serial} of {press.board} was at {press.contact_ms / 1000:.3f}"
                    f" s; ledger row {row.number} says {from_ms / 1000:.3f} to"
                    f" {to_ms / 1000:.3f} s",
                    row.number,
                )

    # --- people -----------------------------------------------------------------------------

    def _people(self) -> None:
        """Whatever is done in a person's name that person did, once; and only people close."""
        done: Counter[str] = Counter()
        outcomes: dict[str, str] = {}
        for row in self.rows.values():
            if row.kind not in VERBS:
                continue
            body = row.body
            incident, action = body["incident"], body.get("action")
            asked = self.asked.get(str(action))
            first = self.rows[int(incident.rpartition("-")[2])].body.get("report", {})
            if row.kind == "closed" and first.get("kind") == "test" and action is None:
                continue  # with its window
            wanted = (VERBS[row.kind], incident, row.actor)
            if asked is None or (asked.verb, asked.incident, asked.actor) != wanted:
                self._wrong(
                    "falsely_confirmed",
                    ("person", row.number),
                    f"ledger row {row.number}: {incident} was {row.kind} by {row.actor}, and no"
                    " person did that",
                    row.number,
                )
            done[str(action)] += 1
            if row.kind == "called_back":
                outcomes[incident] = body["outcome"]
            if row.kind == "closed" and outcomes.get(incident) != body["outcome"]:
                self._wrong(
                    "falsely_confirmed",
                    ("outcome", row.number),
                    f"ledger row {row.number} closes {incident} as {body['outcome']}; its"
                    f" call-back said {outcomes.get(incident)}",
                    row.number,
                )
        for action, count in done.items():
            if count > 1:
                about = f"action {action} stands {count} times in the ledger"
                self._wrong("doubled", ("action", action), about)
