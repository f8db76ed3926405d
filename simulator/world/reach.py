"""Whoever can be told is told in time, by the hub's own time; when nobody can, that is said."""

from typing import Any

from simulator.world.checkers import Judge
from simulator.world.town import Town

WAY_MS, AGAIN_MS = 30_000, 60_000  # without an answer by one way; until all ways begin again
MOST = 12  # notices to one person in a while; duress is never kept back


class Reach:
    """What the people on duty are owed, and the streets for which there is nobody."""

    def __init__(self, judge: Judge, town: Town, margin_ms: int) -> None:
        self.judge = judge
        self.town = town
        self.margin_ms = margin_ms
        self.seen_ms: dict[tuple[int, str], int] = {}  # notice and its state -> since up_ms
        self.nobody_ms: dict[str, int] = {}  # street -> since up_ms

    def owed(self, now_ms: int, up_ms: int, wall: int, first: int, unheard: str) -> None:
        """An incident that nobody took in time, in the hub's time. `unheard`: why, for people."""
        board, kind = self.judge.committed.owner[first]
        since, _ = self.judge.committed.since[first]
        street = self.judge.committed.street[first]
        for person in self.town.people(wall):
            if person["street"] not in ("", street):
                continue
            places = [
                place
                for place, way in enumerate(person["ways"])
                if self._may_ring(way, board, kind)
            ]
            last = self.judge.committed.notices.last.get((first, person["id"]))
            most = self.judge.committed.notices.count[person["id"]] >= MOST and kind != "duress"
            if not places or most:
                continue
            about = f"the {kind} of {board} in ledger row {since}, {unheard}:"
            if last is None or last.number < since:
                self._wrong(now_ms, (since, person["id"]), f"{about} {person['id']} is not told")
                continue
            further = last.state != "answered" and any(place > last.place for place in places)
            if further:
                patience_ms, what = 0 if last.state == "failed" else WAY_MS, "by no further way"
                since_ms = self.seen_ms.setdefault((last.number, last.state), up_ms)
            else:
                patience_ms, what = AGAIN_MS, "not again"
                since_ms = self.seen_ms.setdefault((last.number, ""), up_ms)
            if up_ms - since_ms > patience_ms + self.margin_ms:
                sentence = f"{about} {person['id']} is told {what}"
                self._wrong(now_ms, (last.number, person["id"]), sentence)

    def _may_ring(self, way: dict[str, Any], board: str, kind: str) -> bool:
        """No pager beside whoever pressed in secret, and never the board that calls."""
        if way["channel"] != "pager":
            return True
        beside = self.town.places[way["address"]].site == self.town.places[board].site
        return way["address"] != board and not (kind == "duress" and beside)

    def look(self, now_ms: int, up_ms: int, wall: int, street: str, deaf: bool) -> None:
        """`deaf`: surely no desk listens for that street. When no pager and nobody on duty can be
        reached either, an alarm of its own must say so."""
        if not deaf or self.town.rings_for(street) or self._somebody(street, wall):
            self.nobody_ms.pop(street, None)
            return
        since_ms = self.nobody_ms.setdefault(street, up_ms)
        if up_ms - since_ms > self.margin_ms and street not in self.judge.committed.unreachable:
            about = f"nobody can be reached for {street} since {(up_ms - since_ms) / 1000:.0f} s"
            self._wrong(now_ms, ("nobody", street), f"{about} of the hub's time; nothing says so")

    def _somebody(self, street: str, wall: int) -> bool:
        """Whether anybody on duty has a way that has not failed; a set clock makes that unsure."""
        committed = self.judge.committed
        return any(
            person["street"] in ("", street)
            and (
                committed.clock_set
                or any(not committed.notices.failed(way["address"]) for way in person["ways"])
            )
            for person in self.town.people(wall)
        )

    def _wrong(self, now_ms: int, about: object, sentence: str) -> None:
        self.judge.wrong("silent", now_ms, ("reach", about), sentence)
