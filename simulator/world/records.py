"""What must be true once everything has healed: of the ledger, of what the city has heard and of
what people really did. Rows and traffic are compared with each other, not with the hub's tables.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from hub import ledger, schema, store
from hub.events import Action
from simulator.world import drilled
from simulator.world.checkers import BATCH_MS, Judge
from simulator.world.committed import Name, first_row
from simulator.world.disk import open_database
from simulator.world.people import City
from simulator.world.town import Town

CALLS = ("alarm", "duress", "test")
OUTCOMES = ("real", "false_press", "no_answer")
VERBS: dict[str, tuple[str, ...]] = {  # what a row says that a person did
    "taken": ("take",),
    "called_back": ("outcome",),
    "handed_on": ("handed_on",),
    "noted": ("note",),
    "next_time_set": ("next_time",),
    "closed": ("close", "confirm_drill"),
    "made_real": ("make_real",),
    "graded": ("grade",),
    "instructed": ("instruct",),
}
ORDERS: dict[str, tuple[str, ...]] = {  # and what is about no incident
    "window_opened": ("open_drill",),
    "window_ended": ("end_drill",),
    "ask_opened": ("open_roll_call", "send_text"),
    "ask_answered": ("answer_for",),
    "ask_ended": ("end_ask",),
}
EXERCISES = ("test", "drill")
UPWARD = ("handed_on", "graded")  # what first tells the city of an 异常


class Records:
    """One look at a healed world. `asked`: every action of every person, by its id. `rows`: the
    ledger's, their steady clock the world's, whatever was restarted."""

    def __init__(
        self,
        judge: Judge,
        db: sqlite3.Connection,
        town: Town,
        city: City,
        asked: Mapping[str, Action],
    ) -> None:
        self.judge = judge
        self.db = db
        self.town = town
        self.city = city
        self.asked = asked
        self.now_ms = 0
        self.rows = {
            row.number: row._replace(steady=judge.committed.world_ms(row.number, row.steady))
            for row in ledger.rows(db)
        }
        self.heard: dict[int, list[tuple[str, dict[str, Any]]]] = {}  # row -> (topic, event)
        self.counted: dict[str, int] = {}  # incident -> its presses, as the rows have them

    def check(self, now_ms: int, under_way_ms: Mapping[Name, int], stepped: bool) -> None:
        """`under_way_ms`: how long a report travelled; `stepped`: the wall clock was set."""
        self.now_ms = now_ms
        self._chain()
        self._feeds()
        self._presses()
        self._times(under_way_ms, stepped)
        drilled.check(self.judge, self.rows, under_way_ms)
        self._told()
        self._rung()
        self._daily(stepped)
        self._scheduled(stepped)
        self._people()

    def _wrong(self, verdict: str, about: object, sentence: str, row: int | None = None) -> None:
        """`row`: the ledger row that says when it was."""
        at_ms = self.rows[row].steady if row in self.rows else self.now_ms
        self.judge.wrong(verdict, at_ms, about, sentence)

    # --- the ledger -------------------------------------------------------------------------

    def _chain(self) -> None:
        for finding in ledger.verify(self.db):
            about = f"ledger row {finding.number}: {finding.english}"
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
                if (kind in EXERCISES) != (topic == "exercise"):
                    about = f"the city heard of a {kind} on {topic}: {event['id']}"
                    self._wrong("silent", ("topic", event["id"]), about, row)
        for id_, count in ids.items():
            if count > 1:
                self._wrong("doubled", ("id", id_), f"{count} of the city's events are {id_}")
        for incident, events_ in sorted(incidents.items(), key=lambda each: first_row(each[0])):
            self._story(incident, events_)

    def _story(self, incident: str, events: list[dict[str, Any]]) -> None:
        """One incident as the city was told it: begins with new, ends with closed, counts right,
        and never says that a withdrawal stands after a later press."""
        changes = [event["data"]["change"] for event in events]
        if events[0]["data"]["kind"] == "abnormal":
            begins = changes[0] in UPWARD
        else:
            begins = changes[0] == "new"
        if not begins or "new" in changes[1:] or "closed" in changes[:-1]:
            self._wrong(
                "silent", ("story", incident), f"the city heard of {incident}: {' '.join(changes)}"
            )
        presses = holds = 0
        if changes[0] in UPWARD:
            presses = self._abnormal_presses(incident, self.rows[first_row(events[0]["id"])])
        for event in events:
            row = self.rows[first_row(event["id"])]
            data = event["data"]
            if row.kind == "made_real" and data["change"] == "new":
                presses = self.counted[row.body["incident"]]
            elif data["change"] in ("new", "again", "hold"):
                held = row.body["report"]["kind"] == "hold"
                holds += held
                presses += not held or row.number in self.judge.committed.promoted
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
        self.counted[incident] = presses
        self._last_state(incident, events[-1]["data"])

    def _abnormal_presses(self, incident: str, until: ledger.Row) -> int:
        """How often 异常 was pressed before the city first heard of it."""
        first = self.rows[first_row(incident)]
        return sum(
            row.kind == "reported"
            and row.body["board"] == first.body["board"]
            and row.body["report"]["kind"] == "abnormal"
            for number, row in self.rows.items()
            if first.number <= number < until.number
        )

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
        first = first_row(incident)
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
                kind = "drill" if row.number in self.judge.committed.drills else kind
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
                if self._is_local(row):
                    continue
                self._wrong(
                    "silent",
                    ("heard", row.number),
                    f"{row.kind} in ledger row {row.number}: the city never heard of it",
                    row.number,
                )

    def _is_local(self, row: ledger.Row) -> bool:
        """About an 异常 of which the city had heard nothing yet."""
        incident = row.body["incident"]
        owner = self.judge.committed.owner.get(first_row(incident))
        return (
            owner is not None
            and owner[1] == "abnormal"
            and row.kind not in UPWARD
            and not any(
                each.kind in UPWARD
                and each.body["incident"] == incident
                and each.number < row.number
                for each in self.rows.values()
            )
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

    def _told(self) -> None:
        """Nobody of another street is told of an incident, and nobody of a drill's press."""
        committed = self.judge.committed
        streets = {each["id"]: each["street"] for each in self.town.people(None)}
        for row in self.rows.values():
            if row.kind == "notified":
                first = first_row(row.body["incident"])
                about = f"ledger row {row.number}: {row.body['person']} is told of"
                if first not in committed.owner:
                    sentence = f"{about} an incident that no press opened"
                    self._wrong("falsely_confirmed", ("unopened", first), sentence, row.number)
                    continue
                if streets[row.body["person"]] not in ("", committed.street[first]):
                    sentence = f"{about} an incident of another street"
                    self._wrong("silent", ("street", row.number), sentence, row.number)
                if committed.owner[first][1] == "drill":
                    sentence = f"{about} a drill's press"
                    self._wrong("falsely_confirmed", ("drill", row.number), sentence, row.number)

    def _rung(self) -> None:
        """Of themselves ring the pagers of the street, all of them, and no other street's duty
        room; none beside whoever pressed in secret, and never the board that calls."""
        committed, places = self.judge.committed, self.town.places
        for row in self.rows.values():
            first = first_row(row.body["incident"]) if row.kind == "paged" else None
            if first is None or first not in committed.owner:
                continue
            board, kind = committed.owner[first]
            wanted = {
                each
                for each in self.town.rings_for(committed.street[first])
                if each != board
                and not (kind == "duress" and places[each].site == places[board].site)
            }
            if set(row.body["boards"]) != wanted:
                about = f"ledger row {row.number} rings {sorted(row.body['boards'])}"
                sentence = f"{about}, and should ring {sorted(wanted)}"
                self._wrong("silent", ("rung", row.number), sentence, row.number)

    def _scheduled(self, stepped: bool) -> None:
        """定时点名: the hub calls the roll at its time, once, unless the clock sprang over it."""
        calls = Counter(
            _day(row.wall)
            for row in self.rows.values()
            if row.kind == "ask_opened" and row.actor == "hub"
        )
        for day, times in calls.items():
            if times > 1:
                about = f"the roll call of {day} was opened {times} times"
                self._wrong("doubled", ("schedule", day), about)
        if not calls and not stepped:
            self._wrong("silent", "schedule", "the roll call of the day was not opened")

    def _daily(self, stepped: bool) -> None:
        """平安报: whom the deadline finds missing sent nothing that was pressed on that day; and
        the deadline passes with a word, unless the clock sprang over it."""
        able: set[str] = set()
        if not stepped and all(row.kind != "allwell_due" for row in self.rows.values()):
            self._wrong("silent", "daily", "the deadline of 平安报 passed without a word")
        sent: dict[str, set[str]] = {}  # day -> sites
        for row in self.rows.values():
            body = row.body
            if row.kind == "board_keys" and "allwell" in body["keys"].split():
                able.add(self.town.places[body["board"]].site)
            elif row.kind == "reported" and body["report"]["kind"] in ("allwell", "duress"):
                sent.setdefault(_day(body["pressed_to"]), set()).add(body["site"])
            elif row.kind == "allwell_due":
                missing = sorted(able - sent.get(body["day"], set()))
                if sorted(body["missing"]) != missing:
                    self._wrong(
                        "falsely_confirmed",
                        ("daily", row.number),
                        f"ledger row {row.number}: of {body['day']} {body['missing']} are missing;"
                        f" by the reports in the ledger {missing}",
                        row.number,
                    )

    # --- people -----------------------------------------------------------------------------

    def _people(self) -> None:
        """Whatever is done in a person's name that person did, once; and only people close."""
        done: Counter[str] = Counter()
        outcomes: dict[str, tuple[str, ...]] = {}
        handed_on: set[str] = set()
        for row in self.rows.values():
            body = row.body
            if row.kind in ORDERS and "action" in body:
                self._check_person(row, ORDERS[row.kind], "")
                done[body["action"]] += 1
            if row.kind not in VERBS:
                continue
            incident = body["incident"]
            kind = self._kind(incident)
            if row.kind == "closed" and kind == "test" and "action" not in body:
                continue  # with its window
            if row.kind == "made_real" and "action" not in body:
                continue  # by the hub: see `_drills`
            self._check_person(row, VERBS[row.kind], incident)
            done[str(body.get("action"))] += 1
            if row.kind == "called_back":
                # real stands against a call that nobody answers, unless pressed again between
                real = body["outcome"] == "no_answer" and "real" in outcomes.get(incident, ())
                outcomes[incident] = ("real", "no_answer") if real else (body["outcome"],)
                if kind == "duress" and body["outcome"] == "no_answer":
                    about = f"ledger row {row.number}: the site of a duress was rung back"
                    self._wrong("falsely_confirmed", ("rung back", row.number), about, row.number)
            if row.kind == "taken":  # for the first time, or pressed again since
                handed_on.discard(incident)
            if row.kind == "handed_on":
                handed_on.add(incident)
            if (
                row.kind == "closed"
                and body["outcome"] == "no_answer"
                and kind != "abnormal"
                and incident not in handed_on
            ):
                about = f"ledger row {row.number}: nobody answered, and nobody was sent there"
                self._wrong("silent", ("left alone", row.number), about, row.number)
            wanted = (kind,) if kind in EXERCISES else outcomes.get(incident, ())
            if row.kind == "closed" and body["outcome"] not in wanted:
                self._wrong(
                    "falsely_confirmed",
                    ("outcome", row.number),
                    f"ledger row {row.number} closes {incident} as {body['outcome']}; its"
                    f" call-back said {' '.join(wanted)}",
                    row.number,
                )
        for action, count in done.items():
            if count > 1:
                about = f"action {action} stands {count} times in the ledger"
                self._wrong("doubled", ("action", action), about)

    def _kind(self, incident: str) -> str:
        first = first_row(incident)
        owner = self.judge.committed.owner.get(first)
        return owner[1] if owner else str(self.rows[first].body.get("report", {}).get("kind"))

    def _check_person(self, row: ledger.Row, verbs: tuple[str, ...], incident: str) -> None:
        asked = self.asked.get(str(row.body.get("action")))
        if (
            asked is None
            or asked.verb not in verbs
            or (asked.incident, asked.actor) != (incident, row.actor)
        ):
            self._wrong(
                "falsely_confirmed",
                ("person", row.number),
                f"ledger row {row.number}: {incident} was {row.kind} by {row.actor}, and no"
                " person did that",
                row.number,
            )


def _day(wall: int) -> str:
    """`YYYY-MM-DD` of the day +08:00."""
    return time.strftime("%Y-%m-%d", time.gmtime(wall // 1000 + 8 * 3600))
