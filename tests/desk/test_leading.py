"""带班领导: who leads at this hour stands at the head of the desk, with the phone."""

from datetime import UTC, datetime
from typing import Any

from hub.desk.leading import Leading, leading
from hub.registry import Row
from hub.week import covered
from tests.desk.client import Client
from tests.desk.fixture import Served
from tests.hub.room import Registry

NOON = int(datetime(2026, 11, 27, 4, tzinfo=UTC).timestamp() * 1000)  # 12:00 +08:00
NIGHT = NOON + 14 * 3_600_000


def person(name: str, start: int, end: int, **more: Any) -> Row:
    hours = [{"from": start, "until": end}]
    return {"id": name, "name": name, "post": "", "hours": hours, "ways": [], **more}


class Entered(Registry):
    def __init__(self, *people: Row) -> None:
        super().__init__()
        self.entered = people

    def people(self, wall: int | None) -> list[Row]:
        return [each for each in self.entered if wall is None or covered(each["hours"], wall)]


DAY = person("陈刚", 8, 20, leader=True, phone="8001")
STREET = person("孙建国", 20, 8, leader=True, street="南山街道", phone="8102")
OTHER = person("赵敏", 0, 24, phone="8109")


def test_who_leads_at_this_hour() -> None:
    registry = Entered(OTHER, DAY, STREET)
    assert leading(registry, NOON, None) == Leading("陈刚", "8001")
    assert leading(registry, NIGHT, None) == Leading("", "")  # the street's leads the street
    assert leading(registry, NIGHT, "南山街道") == Leading("孙建国", "8102")
    assert leading(registry, NOON, "南山街道") == Leading("陈刚", "8001")
    assert leading(registry, NOON, "蛇口街道") == Leading("陈刚", "8001")
    assert leading(Entered(OTHER, STREET), NIGHT, "蛇口街道") is None


def test_no_leader_entered_is_nothing_missing() -> None:
    assert leading(Entered(OTHER), NOON, None) is None


def test_the_head_of_the_desk_names_the_leader(served: Served, officer: Client) -> None:
    assert "带班 " not in officer.get("/").text
    served.live.registry.told = [person("陈刚", 0, 24, leader=True, phone="138 0013 8000")]
    served.call(served.live.forward, 2)
    page = officer.get("/").text
    assert '带班 陈刚 <a href="tel:138 0013 8000">☎ 138 0013 8000</a>' in page
