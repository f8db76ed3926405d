"""The feed's way to the broker: a window, a cursor behind the acknowledgements, one head."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from hub.city.publisher import GATHER_S, IN_FLIGHT, Publisher
from hub.events import CityTold, Event
from tests.hub.room import Room


class Line:
    """Stands for the link: what was published, until it is broken."""

    def __init__(self) -> None:
        self.up = True
        self.sent: list[tuple[str, dict[str, object], int, bool]] = []
        self.takes = 1 << 30  # how many more it takes

    def publish(
        self, topic: str, payload: bytes, qos: int = 0, retain: bool = False
    ) -> int | None:
        if not self.up or self.takes <= 0:
            return None
        self.takes -= 1
        self.sent.append((topic.rpartition("/")[2], json.loads(payload), qos, retain))
        return len(self.sent)

    def events(self, topic: str = "alarm") -> list[str]:
        """The sequences published, in their order."""
        return [str(value["sequence"]) for name, value, _, _ in self.sent if name == topic]

    def message(self, sequence: int, topic: str = "alarm") -> int:
        """The message id under which that event was last published."""
        return max(
            mid
            for mid, (name, value, _, _) in enumerate(self.sent, 1)
            if name == topic and value["sequence"] == str(sequence)
        )


class Desk:
    """A room with a feed, and a publisher on its ledger."""

    def __init__(self) -> None:
        self.room = Room()
        self.told: list[Event] = []
        self.publisher = Publisher(self.room.db, "nanshan", self._put)

    def _put(self, event: Event) -> None:
        self.told.append(event)
        self.room.do(event)

    def press(self, count: int, kind: str = "alarm") -> None:
        for _ in range(count):
            self.room.ms += 1000  # never too fast
            self.room.do(self.room.report("board-a1", kind))

    def connect(self) -> Line:
        line = Line()
        self.publisher.connected(line)  # type: ignore[arg-type]
        return line


def live(body: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        desk = Desk()
        await body(desk)
        desk.room.db.close()

    asyncio.run(run())


async def gathered() -> None:
    await asyncio.sleep(2 * GATHER_S)


def test_all_goes_out_once_in_order_and_the_cursor_follows() -> None:
    async def body(desk: Desk) -> None:
        desk.press(5)
        line = desk.connect()
        assert line.events() == ["1", "2", "3", "4", "5"]
        desk.publisher.push()
        assert len(line.events()) == 5
        for sequence in range(1, 6):
            desk.publisher.acknowledged(line.message(sequence))
        await gathered()
        assert desk.told == [CityTold("alarm", 5)]  # one fact for the burst
        assert desk.connect().events() == []

    live(body)


def test_the_cursor_stays_below_the_lowest_that_waits() -> None:
    async def body(desk: Desk) -> None:
        desk.press(5)
        line = desk.connect()
        for sequence in (1, 3, 5):
            desk.publisher.acknowledged(line.message(sequence))
        await gathered()
        assert desk.told == [CityTold("alarm", 1)]
        desk.publisher.acknowledged(line.message(2))
        await gathered()
        assert desk.told[-1] == CityTold("alarm", 3)

    live(body)


def test_after_a_broken_link_the_first_without_acknowledgement_is_next() -> None:
    async def body(desk: Desk) -> None:
        desk.press(5)
        line = desk.connect()
        desk.publisher.acknowledged(line.message(1))
        desk.publisher.acknowledged(line.message(2))
        await gathered()
        line.up = False
        desk.press(1)
        desk.publisher.push()
        again = desk.connect()
        assert again.events() == ["3", "4", "5", "6"]
        ids = {value["sequence"]: value["id"] for _, value, _, _ in line.sent if "id" in value}
        for _, value, _, _ in again.sent:
            if "id" in value:
                assert ids.get(value["sequence"], value["id"]) == value["id"]
        desk.publisher.acknowledged(line.message(5))  # of the old link: it says nothing any more
        await gathered()
        assert desk.told == [CityTold("alarm", 2)]

    live(body)


def test_a_link_that_takes_no_more_is_tried_again() -> None:
    async def body(desk: Desk) -> None:
        desk.press(4)
        line = desk.connect()
        line.takes = 1
        desk.press(2)
        desk.publisher.push()
        assert line.events() == ["1", "2", "3", "4", "5"]
        line.takes = 10
        desk.publisher.push()
        assert line.events()[-1] == "6"

    live(body)


def test_the_window_bounds_what_is_under_way() -> None:
    async def body(desk: Desk) -> None:
        desk.press(IN_FLIGHT + 50)
        line = desk.connect()
        assert len(line.events()) == IN_FLIGHT
        for sequence in range(1, IN_FLIGHT + 1):
            desk.publisher.acknowledged(line.message(sequence))
        assert [int(s) for s in line.events()] == list(range(1, IN_FLIGHT + 51))

    live(body)


def test_tests_have_a_sequence_of_their_own_and_only_the_head_is_retained() -> None:
    async def body(desk: Desk) -> None:
        desk.press(2)
        desk.press(1, "test")
        line = desk.connect()
        assert (line.events(), line.events("exercise")) == (["1", "2"], ["1"])
        assert {(name, qos, retain) for name, _, qos, retain in line.sent} == {
            ("alarm", 1, False),
            ("exercise", 1, False),
            ("head", 1, True),
        }
        head = next(value for name, value, _, _ in line.sent if name == "head")
        assert (head["alarm"], head["exercise"]) == (2, 1)
        before = len(line.sent)
        desk.publisher.say_head()
        assert len(line.sent) == before  # nothing new to say
        desk.press(1)
        desk.publisher.say_head()
        assert line.sent[-1][1]["alarm"] == 3

    live(body)
