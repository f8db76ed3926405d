"""Who listens for whom: the district for all, a street for its own sites."""

from hub.events import DeskHere, Ticked
from tests.hub.room import Room, to_boards

STREET = DeskHere("s1", "东湖值班室", "street", True, "东湖街道")


def listening(room: Room, board: str, kind: str = "alarm") -> bool:
    room.do(Ticked())
    (receipt,) = to_boards(room.do(room.report(board, kind)), "receipt")
    return bool(receipt["listening"])


def streets(room: Room) -> tuple[str, str]:
    """Two boards of two streets, the first in the street that listens."""
    own, other = room.registry.boards()[:2]
    room.registry.streets_of = {own: "东湖街道", other: "西岭街道"}
    return own, other


def test_a_street_listens_for_its_own_sites_only() -> None:
    room = Room()
    own, other = streets(room)
    room.do(STREET)
    assert listening(room, own)
    assert not listening(room, other)
    room.listen()
    assert listening(room, other)


def test_what_only_another_street_could_hear_goes_up_at_once() -> None:
    room = Room()
    own, other = streets(room)
    room.do(STREET, Ticked())
    room.do(room.report(own, "alarm"), room.report(other, "alarm"), STREET, Ticked())
    escalated = {row["board"]: row["escalated_row"] is not None for row in room.incidents()}
    assert escalated == {own: False, other: True}


def test_duress_in_the_streets_own_duty_room_is_heard_by_the_district_alone() -> None:
    room = Room()
    own, _ = streets(room)
    room.registry.offices = {own}
    room.do(STREET)
    assert listening(room, own, "alarm")
    assert not listening(room, own, "duress")
    room.do(STREET, Ticked())
    (duress,) = [row for row in room.incidents() if row["kind"] == "duress"]
    assert duress["escalated_row"] is not None
