"""People on duty are told, way by way, until somebody takes it: expect - forward - expect."""

from typing import Any

import pytest

from hub.events import Effect, LinkChanged, NoticeEnded, Notify, ToBoard
from hub.settings import Escalation, Settings
from tests.hub.room import Room, to_boards

CALL = {"channel": "command", "address": "8102"}
POST = {"channel": "webhook", "address": "http://gate/"}
PAGER = {"channel": "pager", "address": "board-a2"}


def person(name: str, *ways: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": name, "name": name, "post": "带班领导", "hours": [], "ways": [*ways], **more}


def room(*people: dict[str, Any]) -> Room:
    settings = Settings(
        district="nanshan",
        name="南山区值班室",
        duty_phone="0755-8000",
        escalation=Escalation(command=("call",)),
    )
    made = Room(settings)
    made.registry.told = list(people)
    made.listen()
    return made


def told(room: Room) -> list[tuple[str, str, str]]:
    rows = room.db.execute("SELECT person, channel, state FROM notices ORDER BY row")
    return [tuple(row) for row in rows]


def notices(effects: list[Effect]) -> list[int]:
    return [each.notice for each in effects if isinstance(each, Notify)]


def test_everybody_on_duty_is_told_at_30_s_by_the_first_way() -> None:
    it = room(person("sun", CALL, POST), person("zhao", POST))
    it.do(it.report("board-a1", "alarm"))
    it.forward(29, desk=True)
    assert told(it) == []
    it.forward(1, desk=True)
    assert told(it) == [("sun", "command", "due"), ("zhao", "webhook", "due")]
    assert len(notices(it.said)) == 2
    it.forward(29, desk=True)
    assert len(told(it)) == 2


def test_with_nobody_listening_people_are_told_at_once() -> None:
    it = room(person("sun", CALL))
    it.forward(20)
    it.do(it.report("board-a1", "alarm"))
    it.forward(1)
    assert told(it) == [("sun", "command", "due")]
    (row,) = it.db.execute("SELECT words FROM notices")
    assert "值班室无人在席" in row["words"]


def test_the_next_way_follows_a_failure_at_once_and_silence_after_30_s() -> None:
    it = room(person("sun", CALL, POST, PAGER))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    (first,) = notices(it.said)
    it.do(NoticeEnded(first, "failed", "2 busy"))
    it.forward(1, desk=True)
    assert told(it) == [("sun", "command", "failed"), ("sun", "webhook", "due")]
    second = notices(it.said)[-1]
    it.do(NoticeEnded(second, "delivered", ""))
    it.forward(28, desk=True)
    assert len(told(it)) == 2
    it.forward(2, desk=True)
    assert told(it)[1:] == [("sun", "webhook", "delivered"), ("sun", "pager", "due")]
    it.forward(299, desk=True)
    assert len(told(it)) == 3  # there is no fourth


def rounds(room: Room) -> list[tuple[str, str, int]]:
    rows = room.db.execute("SELECT person, channel, round FROM notices ORDER BY row")
    return [tuple(row) for row in rows]


def test_after_the_last_way_all_begins_again_until_it_is_taken() -> None:
    it = room(person("sun", CALL, POST))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.forward(30, desk=True)
    first = [("sun", "command", 1), ("sun", "webhook", 1)]
    it.forward(299, desk=True)
    assert rounds(it) == first
    it.forward(1, desk=True)
    assert rounds(it) == [*first, ("sun", "command", 2)]
    it.forward(30, desk=True)
    it.forward(300, desk=True)
    assert rounds(it)[2:] == [("sun", "command", 2), ("sun", "webhook", 2), ("sun", "command", 3)]
    (words,) = it.db.execute("SELECT words FROM notices ORDER BY row DESC LIMIT 1").fetchone()
    assert "【第 3 遍】" in words
    it.same_after_replay()
    it.act("take", it.only()["id"])
    it.forward(900, desk=True)
    assert len(rounds(it)) == 5


def test_where_every_way_failed_all_begins_again_after_a_minute() -> None:
    """A board comes back, a broker is started: nobody waits five minutes for that."""
    it = room(person("sun", CALL, POST))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    for _ in range(2):
        it.do(NoticeEnded(notices(it.said)[-1], "failed", "missing.broker"))
        it.forward(1, desk=True)
    assert [state for _, _, state in told(it)] == ["failed", "failed"]
    it.forward(57, desk=True)
    assert len(rounds(it)) == 2
    it.forward(3, desk=True)
    assert rounds(it)[2:] == [("sun", "command", 2)]


def fails(it: Room, detail: str) -> None:
    """The only way of the only person, told of at 30 s."""
    it.forward(30, desk=True)
    it.do(NoticeEnded(notices(it.said)[-1], "failed", detail))


def test_what_failed_for_want_of_the_broker_is_told_when_it_is_back() -> None:
    it = room(person("sun", PAGER))
    it.do(it.report("board-a1", "alarm"))
    fails(it, "missing.broker")
    it.forward(20, desk=True, echo=False)
    assert len(rounds(it)) == 1
    it.forward(2, desk=True)  # 消息通道恢复
    assert rounds(it)[1:] == [("sun", "pager", 2)]
    it.do(NoticeEnded(notices(it.said)[-1], "failed", "missing.board_lost"))
    it.forward(30, desk=True)
    assert len(rounds(it)) == 2  # what came back before says nothing of this failure


def test_an_outage_too_short_to_be_told_is_an_outage() -> None:
    it = room(person("sun", PAGER))
    it.do(it.report("board-a1", "alarm"))
    it.do(LinkChanged(up=True))  # before: it brings nobody back
    fails(it, "missing.broker")
    it.do(LinkChanged(up=False))
    it.forward(3, desk=True, echo=False)
    assert len(rounds(it)) == 1
    it.do(LinkChanged(up=True))
    it.forward(1, desk=True)
    assert rounds(it)[1:] == [("sun", "pager", 2)]


def test_what_failed_for_want_of_its_board_is_told_when_it_is_back() -> None:
    it = room(person("sun", PAGER))
    it.do(it.report("board-a1", "alarm"))
    fails(it, "missing.board_never")
    it.forward(10, desk=True)
    assert len(rounds(it)) == 1
    it.do(it.report("board-a1", "alarm"))  # another board's word changes nothing
    it.forward(1, desk=True)
    assert len(rounds(it)) == 1
    it.do(it.report("board-a2", "allwell"))
    it.forward(1, desk=True)
    assert rounds(it)[1:] == [("sun", "pager", 2)]


def test_what_fails_again_and_again_leaves_room_for_another_incident() -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    for _ in range(9):
        for notice in notices(it.said):
            it.do(NoticeEnded(notice, "failed", "missing.broker"))
        it.said.clear()
        it.forward(60, desk=True)
    assert len(told(it)) == 6  # half of what he may have, and then as after any round
    it.do(it.report("board-a2", "alarm"))
    it.forward(31, desk=True)
    assert len(told(it)) == 7


def test_who_only_heard_of_it_is_told_again() -> None:
    it = room(person("sun", PAGER, CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.do(it.report("board-a2", "answer", about=it.only()["id"], code="heard"))
    it.forward(299, desk=True)
    assert len(rounds(it)) == 1
    it.said.clear()
    it.forward(3, desk=True)
    assert rounds(it) == [("sun", "pager", 1), ("sun", "pager", 2)]
    (again,) = {  # by another name, for a board rings no more for what it has answered
        each.value["alert"]["incident"]
        for each in it.said
        if isinstance(each, ToBoard) and each.board == "board-a2"
    }
    assert again == f"{it.only()['id']}#2"
    it.do(it.report("board-a2", "answer", about=it.only()["id"], code="heard"))  # a late one
    assert told(it)[1][2] == "due"
    it.do(it.report("board-a2", "answer", about=again, code="taken"))
    assert it.only()["state"] == "taken"
    it.same_after_replay()


def test_a_round_survives_a_crash() -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(200, desk=True)
    it.start()
    it.forward(129, desk=True)
    assert len(rounds(it)) == 1
    it.forward(1, desk=True)
    assert rounds(it) == [("sun", "command", 1), ("sun", "command", 2)]


def many(count: int) -> Room:
    it = room(person("sun", CALL), person("zhao", CALL, street="蛇口街道"))
    it.registry.boards = lambda: [  # type: ignore[method-assign]
        *("board-a1", "board-a2", "board-a3"),
        *(f"board-b{n}" for n in range(count)),
    ]
    it.registry.pagers = list  # type: ignore[method-assign]
    for n in range(count):
        it.do(it.report(f"board-b{n}", "alarm"))
    return it


def test_a_storm_is_told_of_by_a_few_messages_that_count_the_rest() -> None:
    it = many(20)
    it.forward(31, desk=True)
    assert len(told(it)) == 12
    rows = it.db.execute("SELECT words FROM notices ORDER BY row").fetchall()
    assert "另有 19 起无人受理" in rows[-1]["words"]
    assert notices_of(it, "zhao") == 0
    it.forward(590, desk=True)
    assert len(told(it)) == 12
    it.forward(60, desk=True)
    assert len(told(it)) > 12
    assert len({row["incident"] for row in it.db.execute("SELECT incident FROM notices")}) == 20
    it.same_after_replay()


def notices_of(room: Room, person: str) -> int:
    row = room.db.execute("SELECT count(*) FROM notices WHERE person = ?", (person,)).fetchone()
    return int(row[0])


def test_silent_duress_is_never_kept_back() -> None:
    it = many(20)
    it.forward(31, desk=True)
    it.do(it.report("board-a1", "duress"))
    it.forward(31, desk=True)
    (kind,) = it.db.execute(
        "SELECT i.kind FROM notices n JOIN incidents i ON i.id = n.incident"
        " ORDER BY n.row DESC LIMIT 1"
    ).fetchone()
    assert (len(told(it)), kind) == (13, "duress")


def test_a_clock_set_back_holds_nobodys_notice() -> None:
    it = many(12)
    it.forward(31, desk=True)
    assert len(told(it)) == 12
    it.offset -= 3_600_000
    it.do(it.report("board-a1", "alarm"))
    it.forward(31, desk=True)
    assert len(told(it)) == 13


def test_who_reads_english_is_told_in_english() -> None:
    it = room(person("sun", CALL, language="en"), person("zhao", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    english, chinese = (
        row["words"] for row in it.db.execute("SELECT words FROM notices ORDER BY row")
    )
    for part in ("[Simulated] ", "alarm at ", "pressed again ×2", "unverified, untaken."):
        assert part in english
    assert "Contact the duty room at once: 0755-8000." in english
    assert "报警" not in english and "报警" in chinese


def test_english_duress_names_no_contact_and_says_so() -> None:
    it = room(person("sun", CALL, language="en"))
    it.do(it.report("board-a1", "duress"))
    it.forward(31, desk=True)
    (row,) = it.db.execute("SELECT words FROM notices")
    assert "silent duress (do NOT call the site back)" in row["words"]
    assert "0755-1" not in row["words"]


def test_one_persons_broken_way_delays_no_other_person() -> None:
    it = room(person("sun", CALL), person("zhao", CALL, POST))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    _, second = notices(it.said)
    it.do(NoticeEnded(second, "failed", "no line"))
    it.forward(1, desk=True)
    assert told(it)[0] == ("sun", "command", "due")
    assert told(it)[-1] == ("zhao", "webhook", "due")


def test_taking_it_ends_the_telling_and_a_late_receipt_is_on_record() -> None:
    it = room(person("sun", CALL, POST))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    (first,) = notices(it.said)
    it.act("take", it.only()["id"])
    assert told(it) == [("sun", "command", "moot")]
    it.do(NoticeEnded(first, "accepted", ""))
    it.do(NoticeEnded(first, "accepted", ""))
    assert it.ledger_kinds().count("notice_receipt") == 1
    it.forward(120, desk=True)
    assert told(it) == [("sun", "command", "accepted")]


def test_pressed_again_after_it_was_taken_begins_anew() -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.act("take", it.only()["id"])
    it.forward(5, desk=True)
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    assert told(it) == [("sun", "command", "moot"), ("sun", "command", "due")]
    (words,) = it.db.execute("SELECT words FROM notices ORDER BY row DESC LIMIT 1").fetchone()
    assert "再次按下 ×2" in words


def test_what_was_due_at_a_crash_is_due_at_the_next_start_and_nothing_else() -> None:
    it = room(person("sun", CALL), person("zhao", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    first, second = notices(it.said)
    it.do(NoticeEnded(second, "accepted", ""))
    it.said.clear()
    it.start()
    assert notices(it.said) == [first]


def test_a_pager_way_rings_its_board_and_its_grey_key_is_the_answer() -> None:
    it = room(person("sun", PAGER, CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.said.clear()
    it.forward(4, desk=True)
    orders = to_boards(it.said, "order")
    assert {order["alert"]["incident"] for order in orders} == {it.only()["id"]}
    it.do(it.report("board-a2", "answer", about=it.only()["id"], code="heard"))
    assert told(it) == [("sun", "pager", "answered")]
    it.forward(120, desk=True)
    assert len(told(it)) == 1  # he has heard of it: no other way


def test_a_busy_pager_is_no_answer_and_the_next_way_follows() -> None:
    it = room(person("sun", PAGER, CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.do(it.report("board-a2", "answer", about=it.only()["id"], code="busy"))
    it.forward(1, desk=True)
    assert told(it) == [("sun", "pager", "failed"), ("sun", "command", "due")]


def test_a_pager_where_nothing_may_show_is_passed_over() -> None:
    it = room(person("sun", PAGER, CALL))
    it.registry.sites = {"board-a1": "bank", "board-a2": "bank"}
    it.do(it.report("board-a1", "duress"))
    it.forward(31, desk=True)
    assert told(it) == [("sun", "command", "due")]
    (row,) = it.db.execute("SELECT words FROM notices")
    assert "切勿回拨现场" in row["words"] and "老周" not in row["words"]


def test_a_streets_people_hear_of_their_street_only() -> None:
    it = room(person("sun", CALL, street="蛇口街道"), person("zhao", CALL, street="南山街道"))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    assert [who for who, _, _ in told(it)] == ["zhao"]


@pytest.mark.parametrize("kind", ["test", "abnormal"])
def test_nobody_is_told_of_what_is_no_alarm(kind: str) -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", kind))
    it.forward(90, desk=True)
    assert told(it) == []


def test_nobody_is_told_of_an_exercise() -> None:
    it = room(person("sun", CALL))
    it.registry.real = {"board-a3"}
    it.do(it.report("board-a1", "alarm"))
    it.forward(90, desk=True)
    assert told(it) == []


def test_what_is_said_says_where_since_when_and_that_it_is_unverified() -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    (row,) = it.db.execute("SELECT words FROM notices")
    for part in ("【模拟】", "学校 board-a1", "南山街道", "未核实", "门卫 老周", "0755-8000"):
        assert part in row["words"]


def test_every_attempt_is_on_the_incidents_timeline() -> None:
    it = room(person("sun", CALL))
    it.do(it.report("board-a1", "alarm"))
    it.forward(30, desk=True)
    it.do(NoticeEnded(notices(it.said)[0], "failed", "no line"))
    kinds = it.db.execute(
        "SELECT l.kind FROM timeline t JOIN ledger l ON l.number = t.row"
        " WHERE t.incident = ? ORDER BY t.row",
        (it.only()["id"],),
    )
    assert [row["kind"] for row in kinds][-2:] == ["notified", "notice_receipt"]
