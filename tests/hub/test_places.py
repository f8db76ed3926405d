"""Which button of a site it was (位置): told wherever the site is told."""

from tests.hub.room import Room, to_boards
from tests.hub.test_notices import CALL, person


def calling(kind: str = "alarm", **registry: object) -> Room:
    room = Room()
    room.listen()
    room.registry.places = {"board-a1": "急诊分诊台"}
    for name, value in registry.items():
        setattr(room.registry, name, value)
    room.do(room.report("board-a1", kind))
    return room


def test_it_is_on_record_as_it_was_and_the_city_is_told() -> None:
    room = calling()
    room.registry.places = {"board-a1": "住院部"}
    assert room.only()["place"] == "急诊分诊台"
    assert room.feed()[0]["data"]["place"] == "急诊分诊台"
    room.do(room.report("board-a2", "alarm"))
    assert [each["place"] for each in room.incidents()] == ["急诊分诊台", ""]
    room.same_after_replay()


def test_pagers_and_people_hear_it_with_the_site() -> None:
    room = calling(told=[person("sun", CALL)])
    room.forward(31, desk=True)
    (order,) = to_boards(room.said, "order")[:1]
    assert order["alert"]["site"] == "学校 board-a1 急诊分诊台"
    (row,) = room.db.execute("SELECT words FROM notices")
    assert "学校 board-a1 急诊分诊台（南山街道）" in row["words"]


def test_a_drill_that_becomes_real_keeps_it() -> None:
    room = Room()
    room.listen()
    room.registry.places = {"board-a1": "急诊分诊台"}
    room.act("open_drill", "", sites=["site-board-a1"], purpose="演练", minutes=20)
    room.forward(10, desk=True)
    room.do(room.report("board-a1", "alarm"))
    assert room.act("make_real", room.only()["id"]) == "ok"
    assert [each["place"] for each in room.incidents()] == ["急诊分诊台"] * 2
