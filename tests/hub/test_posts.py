"""At the post (在岗): a desk whose person is away does not listen; a hand alone brings it back."""

from typing import Any

from hub.events import DeskHere, Ticked
from tests.hub.room import Room, to_boards

HERE = DeskHere("d1", "张伟", "officer", True)
AWAY = DeskHere("d1", "张伟", "officer", False, away=True)


def rows(room: Room, *kinds: str) -> list[tuple[str, str]]:
    found = room.db.execute("SELECT kind, actor FROM ledger ORDER BY number")
    return [tuple(row) for row in found if row["kind"] in kinds]


def test_away_is_one_fact_and_so_is_back() -> None:
    room = Room()
    room.do(HERE)
    for _ in range(3):
        room.do(AWAY)
    for _ in range(3):
        room.do(HERE)
    assert rows(room, "away", "back") == [("away", "张伟"), ("back", "张伟")]
    room.same_after_replay()


def test_a_press_while_away_goes_on_at_once() -> None:
    room = Room()
    board = room.registry.boards()[0]
    room.do(HERE, Ticked())
    room.do(AWAY, Ticked())
    (receipt,) = to_boards(room.do(room.report(board, "alarm")), "receipt")
    assert not receipt["listening"]
    room.do(Ticked())
    assert room.only()["paged_row"] is not None


def test_a_second_desk_listens_on() -> None:
    room = Room()
    room.do(HERE, DeskHere("d2", "李敏", "officer", True), Ticked())
    room.do(AWAY, Ticked())
    (receipt,) = to_boards(room.do(room.report(room.registry.boards()[0], "alarm")), "receipt")
    assert receipt["listening"]


def test_the_minutes_over_bring_nobody_back() -> None:
    room = Room()
    room.do(AWAY)
    for _ in range(3 * room.settings.presence.away_s // 10):
        room.forward(10)
        room.do(AWAY)
    assert rows(room, "away", "back") == [("away", "张伟")]
    assert not room.db.execute("SELECT 1 FROM desks WHERE listening").fetchone()
    room.do(HERE)
    assert rows(room, "back") == [("back", "张伟")]


def test_relief_hands_over_what_those_before_had_taken() -> None:
    room = Room()
    room.do(HERE)
    for board in ("board-a1", "board-a2", "board-a3"):
        room.do(room.report(board, "alarm"))
    first, second, third = (each["id"] for each in room.incidents())

    def one(id_: str) -> Any:
        return next(each for each in room.incidents() if each["id"] == id_)

    for verb, incident in (("take", first), ("take", second)):
        assert room.act(verb, incident) == "ok"
    assert room.act("outcome", second, outcome="false_press") == "ok"
    assert room.act("close", second) == "ok"
    taken = one(first)["taken_wall"]
    room.forward(60)
    room.do(DeskHere("d2", "张伟", "officer", True))
    assert room.act("relieve", "", who="李敏", before=["张伟"], desks=["d1"]) == "ok"
    assert one(first)["taken_by"] == "张伟"  # he listens at another desk, with it in hand
    room.do(DeskHere("d2", "张伟", "officer", False))
    assert room.act("relieve", "", who="李敏", before=["张伟"], desks=["d1"]) == "ok"
    assert (one(first)["state"], one(first)["taken_by"]) == ("taken", "李敏")
    since = (one(first)["taken_wall"], one(first)["handed_over_wall"])
    assert since == (taken, room.now().wall)
    assert (one(second)["taken_by"], one(third)["taken_by"]) == ("张伟", None)
    told = room.feed()[-1]["data"]
    assert (told["change"], told["taken_by"]) == ("handed_over", "李敏")
    room.same_after_replay()
    room.forward(room.settings.escalation.silent_s - 60)  # another hand is no progress
    assert one(first)["reminded_row"]
    room.do(room.report("board-a1", "alarm"))
    assert one(first)["handed_over_wall"] is None  # pressed again: in nobody's hand
