"""A street's duty room (街道值班室) sees its own sites, and nothing of another's."""

import json

import pytest

from hub.desk.roles import FALSE_PRESS
from tests.desk.client import Client, Stream
from tests.desk.fixture import Served

OWN, OTHER = "board-01", "board-03"  # 蛇口街道, 南山街道


@pytest.fixture
def street(served: Served) -> Client:
    client = Client(served)
    client.login("shekou")
    return client


def test_another_streets_incident_is_not_there(served: Served, street: Client) -> None:
    other = served.call(served.live.report, OTHER)
    own = served.call(served.live.report, OWN)
    assert street.get(f"/pane?incident={other}").status == 404
    assert street.act("take", other).status == 404
    pages = [street.get(path).text for path in ("/", f"/?incident={other}", "/wall", "/duty")]
    assert not any(other in page for page in pages)
    assert own in pages[0]
    name = served.live.registry.names[OTHER][0]
    assert name not in pages[0] and name not in pages[2]
    for view in ("desk", "wall", "leader"):
        stream = Stream(street, view=view)
        _kind, state = stream.next()
        assert state["untaken"] == 1
        assert other not in str(state) and name not in str(state)
        stream.close()
    street.here(shown=[other, own])
    assert served.call(shown, served) == [own]


def shown(served: Served) -> list[str]:
    return [row["incident"] for row in served.live.db.execute("SELECT incident FROM shown")]


def test_a_street_takes_its_own_and_the_district_sees_who(
    served: Served, street: Client, officer: Client
) -> None:
    own = served.call(served.live.report, OWN)
    assert street.act("take", own).status == 200
    assert (
        "已受理（街道） 蛇口值班室"
        in json.loads(officer.get(f"/pane?incident={own}").text)["head"]
    )
    assert "街道 蛇口值班室" in officer.get("/").text
    assert street.act("outcome", own, outcome=FALSE_PRESS).status == 403
    assert street.act("outcome", own, outcome="real").status == 200
    assert street.act("close", own).status == 403
    assert officer.act("close", own).status == 200


def test_duress_of_its_own_duty_room_shows_on_no_page_of_the_street(
    served: Served, street: Client, officer: Client
) -> None:
    served.live.registry.offices.add(OWN)
    silent = served.call(served.live.report, OWN, "duress")
    assert silent in officer.get("/").text
    assert silent not in street.get("/").text
    assert street.get(f"/pane?incident={silent}").status == 404
    stream = Stream(street)
    _kind, state = stream.next()
    assert state["untaken"] == 0
    stream.close()
