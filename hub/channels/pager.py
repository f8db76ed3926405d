"""Pager boards (呼叫终端): the order `alert` rings a board until its grey key answers.

Boards that the registry calls pagers ring by themselves: one in a street's duty room (街道值班室)
for its own street, any other for the whole district. A person's way `pager` names the board beside
which the person sits or sleeps, wherever that is.
"""

from collections.abc import Mapping
from typing import Any

from hub.channels.channel import Facts, Means, Person, Receipt, Text
from hub.core import Registry
from hub.events import ToBoard


class Pager:
    """`address`: the board's id."""

    def __init__(self, means: Means) -> None:
        self.means = means

    @staticmethod
    def missing(address: str, facts: Facts) -> str:
        if facts.registry.board(address) is None:
            return "no_board"
        if address not in facts.registry.pagers():
            return "not_pager"
        if not facts.broker_up:
            return "broker"
        row = facts.db.execute(
            "SELECT state FROM equipment WHERE board = ?", (address,)
        ).fetchone()
        if row is None:
            return "board_never"
        return "" if row["state"] == "here" else "board_lost"

    async def send(self, text: Text, person: Person) -> Receipt:
        """The first order leaves at once; `escalation.repeat_alerts` repeats it until the board
        answers, and its answer is the receipt that follows."""
        row = (
            self.means.look()
            .db.execute(
                "SELECT a.round, i.site_name, i.place, i.street, i.restricted FROM alerts a"
                " JOIN incidents i ON i.id = a.incident WHERE a.incident = ? AND a.board = ?",
                (text.incident, person.address),
            )
            .fetchone()
        )
        if row is None:  # taken at this moment; or only tried: the board's next state asks it
            return Receipt("accepted")
        ring = alert(text.incident, named(row), row["round"])
        order = ToBoard(person.address, "order", {"kind": "alert", "alert": ring})
        left = self.means.to_board(order)
        return Receipt("accepted") if left else Receipt("failed", "missing.broker")


def alert(incident: str, site: str, round_: int) -> dict[str, str]:
    """What an order and a board's state say of one alert. What a board has answered rings there
    no more, so from the second round on it has another name."""
    name = "".join(letter for letter in site if letter.isprintable())
    return {"incident": incident if round_ == 1 else f"{incident}#{round_}", "site": name[:60]}


def named(incident: Any) -> str:
    """What a board of another site may show of where it is: of a restricted site (限制公开) only
    the street."""
    if incident["restricted"]:
        return str(incident["street"])
    return f"{incident['site_name']} {incident['place']}".rstrip()


def alert_of(name: str) -> tuple[str, int]:
    """-> (incident, round) of an alert's name."""
    incident, _, round_ = name.partition("#")
    return incident, int(round_) if round_.isdecimal() else 1


def rings_for(registry: Registry, board: str) -> str:
    """The street whose incidents it rings for by itself; empty: every street's."""
    facts = registry.board(board) or {}
    return str(facts["street"]) if facts.get("office") else ""


def may_ring(registry: Registry, incident: Mapping[str, Any], board: str) -> bool:
    """Never the incident's own board; none of its site when nothing may show there; and no real
    one for an exercise."""
    own, facts = registry.board(incident["board"]) or {}, registry.board(board) or {}
    hidden = incident["kind"] == "duress" or own.get("covert")
    same_site = facts.get("site") == incident["site"]
    real = incident["exercise"] and not facts.get("simulated")
    return board != incident["board"] and not (hidden and same_site) and not real
