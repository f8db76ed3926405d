"""The stream: whole on connecting, then what changed, and a beat."""

import time
from typing import Any

import pytest

from hub.desk import pages
from tests.desk.client import DESK, Client, Stream
from tests.desk.fixture import Served


def test_a_page_gets_the_whole_state_then_changes(served: Served, officer: Client) -> None:
    live = served.live
    first = served.call(live.report, "board-01")
    stream = Stream(officer)
    kind, state = stream.next()
    assert kind == "state" and list(state["rows"]) == [first] and state["untaken"] == 1
    parts = {"city", "self-test", "leading", "streets", "mode", "equipment", "banners"}
    assert set(state["parts"]) == parts
    second = served.call(live.report, "board-02")
    state = stream.until(second)
    assert list(state["rows"]) == [second] and state["queue"] == [first, second]
    assert int(stream.id) == served.call(lambda: live.hub.head[0])
    stream.close()


def test_a_returning_page_misses_nothing(served: Served, officer: Client) -> None:
    live = served.live
    first = served.call(live.report, "board-01")
    stream = Stream(officer)
    stream.next()
    last = stream.id
    stream.close()
    second = served.call(live.report, "board-02")
    served.call(live.act_as, "李敏", "take", first)
    stream = Stream(officer, last)
    _kind, state = stream.next()
    assert set(state["rows"]) == {first, second}
    assert state["queue"] == [second] and state["others"] == [first]
    assert "李敏" in state["rows"][first]
    stream.close()


def test_a_beat_each_two_seconds(officer: Client) -> None:
    stream = Stream(officer)
    stream.next()
    times = []
    for _ in range(2):
        start = time.monotonic()
        _kind, state = stream.next()
        times.append(time.monotonic() - start)
        assert state["rows"] == {} and "streets" not in state["parts"]
    assert max(times) < 4
    stream.close()


def test_a_change_does_not_wait_for_the_beat(served: Served, officer: Client) -> None:
    stream = Stream(officer)
    stream.next()
    stream.next()
    start = time.monotonic()
    incident = served.call(served.live.report, "board-01")
    stream.until(incident)
    assert time.monotonic() - start < 1.5
    stream.close()


def test_what_all_pages_show_alike_is_drawn_once(
    served: Served, officer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[str, str]] = []

    def render(template: str, language: str, **facts: Any) -> str:
        drawn.append((template, language))
        return pages_render(template, language, **facts)

    pages_render = pages.render
    monkeypatch.setattr(pages, "render", render)
    other, english = Client(served), Client(served, "en")
    other.login("limin")
    english.login("zhangwei")
    streams = [Stream(client) for client in (officer, other, officer, english)]
    for stream in streams:
        stream.next()
    drawn.clear()
    incident = served.call(served.live.report, "board-01")
    states = [stream.until(incident) for stream in streams]
    for stream in streams:
        stream.close()
    rows = [state["rows"][incident] for state in states]
    assert rows[0] == rows[1] == rows[2] != rows[3]
    assert sorted(each for each in drawn if each[0] == "row.html") == [
        ("row.html", "en"),
        ("row.html", "zh"),
    ]
    assert drawn.count(("equipment.html", "zh")) == drawn.count(("equipment.html", "en"))


def test_a_stream_ends_with_its_session(served: Served, officer: Client) -> None:
    stream = Stream(officer)
    stream.next()
    officer.post("/logout", {})
    kinds = {stream.next()[0] for _ in range(1)}
    while "over" not in kinds:
        kinds.add(stream.next()[0])
    stream.close()


def test_the_desk_is_gone_with_its_last_stream(served: Served, officer: Client) -> None:
    live = served.live
    one, two = Stream(officer), Stream(officer)
    one.next()
    two.next()

    def gone() -> list[str]:
        return [e.desk for e in live.submitted if type(e).__name__ == "DeskGone"]  # type: ignore[union-attr]

    def wait(count: int) -> None:
        end = time.monotonic() + 8
        while len(gone()) < count and time.monotonic() < end:
            served.call(live.report, "board-01")  # something to write, so that the loss is felt
            time.sleep(0.1)

    one.close()
    served.call(live.report, "board-02")
    time.sleep(0.5)
    assert gone() == []
    two.close()
    wait(1)
    assert gone() == [DESK]


def test_a_desk_without_an_id_is_refused(officer: Client) -> None:
    assert officer.get("/events").status == 400
    assert officer.get("/events?desk=<script>").status == 400


def test_the_server_stops_at_once_with_pages_open(served: Served, officer: Client) -> None:
    streams = [Stream(officer) for _ in range(3)]
    for stream in streams:
        stream.next()
    start = time.monotonic()
    served.close()
    assert time.monotonic() - start < 3
    for stream in streams:
        stream.close()
    served.close = lambda: None  # type: ignore[method-assign]
