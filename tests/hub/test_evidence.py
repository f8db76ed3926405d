"""What is known of boards: proofs, conditions, and what is out of service."""

from typing import Any

from hub.duty import evidence, service
from hub.duty.day import day_of
from tests.hub.room import Room

DAY_S = 86_400


def proofs(room: Room) -> dict[str, evidence.Proof]:
    found = evidence.proofs(room.db, room.registry, room.now().wall, 90)
    return {each.board: each for each in found}


def in_days(room: Room, days: int) -> str:
    return day_of(room.now().wall + days * DAY_S * 1000)


def out(room: Room, days: int = 3, **more: Any) -> str:
    data: dict[str, Any] = {"board": "board-a1", "until": in_days(room, days), "reason": "换电池"}
    return room.act("out_of_service", "", **{**data, **more})


def test_a_test_a_drill_and_a_real_press_prove_a_board() -> None:
    room = Room()
    room.act("open_drill", "", sites=["site-board-a2"], purpose="演练", minutes=10)
    room.do(room.report("board-a1", "test"), room.report("board-a2", "alarm"))
    room.do(room.report("board-a3", "allwell"), room.report("self-test", "test"))
    found = proofs(room)
    assert {board: each.how for board, each in found.items()} == {
        "board-a1": "test",
        "board-a2": "drill",
        "board-a3": "",
    }
    assert [each.overdue for each in found.values()] == [True, False, False]
    before = proofs(room)
    room.do(room.report("board-a1", "duress"))
    assert proofs(room) == before  # no list may tell of it
    room.act("end_drill", "", window=room.db.execute("SELECT id FROM windows").fetchone()["id"])
    room.forward(1)
    room.do(room.report("board-a3", "alarm"))
    assert proofs(room)["board-a3"].how == "press"


def test_overdue_after_the_sites_own_period_never_proven_first() -> None:
    room = Room()
    room.do(room.report("board-a1", "test"))
    room.forward(1)
    room.do(room.report("board-a2", "test"))
    room.ms += 89 * DAY_S * 1000
    assert [each.overdue for each in proofs(room).values()] == [True, False, False]
    assert proofs(room)["board-a1"].days == 89
    room.ms += DAY_S * 1000
    assert list(proofs(room)) == ["board-a3", "board-a1", "board-a2"]
    assert all(each.overdue for each in proofs(room).values())


def test_what_is_offered_again_proves_nothing_new() -> None:
    room = Room()
    room.do(room.report("board-a1", "alarm", was="stored"))
    assert proofs(room)["board-a1"].last is None


def test_what_was_proven_before_an_incident() -> None:
    room = Room()
    room.do(room.report("board-a1", "test", was="stored"))  # offered again: nothing new
    room.do(room.report("board-a1", "alarm"))
    first = room.incidents()[-1]["id"]
    assert evidence.before(room.db, first) is None  # its own presses prove nothing of it
    room.act("take", first)
    room.act("outcome", first, outcome="real")
    room.act("close", first)
    pressed = room.now().wall
    room.forward(3600)
    room.do(room.report("board-a1", "alarm"), room.report("board-a2", "test"))
    (second,) = [each["id"] for each in room.incidents() if each["kind"] == "alarm"][1:]
    assert evidence.before(room.db, second) == (pressed, "press")


def test_conditions_last_until_they_are_over() -> None:
    room = Room()
    room.do(room.report("board-a1", "status", 1, code="mains_lost"))
    began = room.now().wall
    room.forward(10)
    room.do(room.report("board-a1", "status", 2, code="mains_lost"))
    room.do(room.report("board-a2", "status", 3, code="tamper"))
    assert evidence.conditions(room.db) == [
        ("board-a1", "mains", began),
        ("board-a2", "tamper", room.now().wall),
    ]
    room.do(room.report("board-a1", "status", 5, code="mains_back"))
    room.do(room.report("board-a1", "status", 4, code="mains_lost"))  # older, came later
    room.do(room.report("board-a2", "status", 6, code="tamper_ended"))
    room.do(room.report("board-a2", "status", 7, code="battery_low"))
    assert [each[:2] for each in evidence.conditions(room.db)] == [("board-a2", "battery")]
    room.do(room.report("board-a2", "status", 8, code="battery_ok"))
    assert evidence.conditions(room.db) == []


def test_keys_are_on_record_when_they_change() -> None:
    room = Room()
    room.do(room.hello("board-a1", "alarm"), room.hello("board-a1", "alarm"))
    assert room.ledger_kinds().count("board_keys") == 1
    for _ in range(5):
        room.do(room.hello("board-a1", "alarm confirm"), room.hello("board-a1", "alarm"))
    assert room.ledger_kinds().count("board_keys") == 2
    assert evidence.with_key(room.db, "confirm") == {"board-a1"}


def test_out_of_service_ends_by_itself_and_a_press_rings_all_the_while() -> None:
    room = Room()
    assert out(room) == "ok"
    assert set(service.boards_out(room.db, room.registry)) == {"board-a1"}
    assert not proofs(room)["board-a1"].overdue
    room.do(room.report("board-a1", "alarm"))
    assert (room.only()["kind"], room.only()["state"]) == ("alarm", "untaken")
    assert room.changes() == ["new"]
    room.ms += 4 * DAY_S * 1000
    room.forward(1)
    assert service.out(room.db) == []
    assert room.ledger_kinds().count("in_service") == 1


def test_the_last_day_is_whole() -> None:
    room = Room()
    out(room, days=0)
    (only,) = service.out(room.db)
    assert day_of(only.until - 1) == day_of(room.now().wall)
    assert day_of(only.until) == in_days(room, 1)


def test_a_site_is_out_with_all_its_boards_until_a_person_says_otherwise() -> None:
    room = Room()
    room.registry.sites = {"board-a1": "school", "board-a2": "school"}
    assert out(room, board=None, site="school") == "ok"
    assert set(service.boards_out(room.db, room.registry)) == {"board-a1", "board-a2"}
    assert room.act("in_service", "", site="elsewhere") == "gone"
    assert room.act("in_service", "", site="school") == "ok"
    assert service.boards_out(room.db, room.registry) == {}


def test_what_is_wrong_is_said() -> None:
    room = Room()
    for wrong, code in (
        ({"board": "nowhere"}, "no_sites"),
        ({"board": None}, "no_sites"),
        ({"until": in_days(room, -1)}, "bad_until"),
        ({"until": in_days(room, 93)}, "bad_until"),
        ({"until": "9999-12-31"}, "bad_until"),
        ({"until": "soon"}, "bad_until"),
        ({"until": 7}, "bad_until"),
        ({"reason": " "}, "no_reason"),
        ({"reason": None}, "no_reason"),
    ):
        assert out(room, **wrong) == code
    assert "out_of_service" not in room.ledger_kinds()


def test_a_replay_makes_the_same_tables() -> None:
    room = Room()
    room.do(room.hello("board-a1", "alarm confirm allwell"))
    out(room)
    room.do(room.report("board-a1", "status", code="mains_lost"), room.report("board-a2", "test"))
    room.do(room.report("board-a1", "status", code="mains_back"))
    out(room, board=None, site="site-board-a3", days=0)
    room.ms += 2 * DAY_S * 1000
    room.forward(1)
    room.same_after_replay()
