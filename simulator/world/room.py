"""The duty room's program in the world: the real hub core on a disk and a process that fail."""

import random
from typing import TYPE_CHECKING

from hub import core, store
from hub.city import feed
from hub.duty import asks, drills
from hub.duty.asks import Ask
from hub.events import (
    Answer,
    Arrived,
    DeskHere,
    Echo,
    Effect,
    Event,
    FeedGrew,
    Notify,
    Now,
    Started,
    Ticked,
    ToBoard,
)
from hub.settings import Duty, Escalation, Settings
from simulator.world.committed import Name
from simulator.world.disk import FaultyDatabase, HubCrashed, open_database
from simulator.world.reach import AGAIN_MS

if TYPE_CHECKING:
    from simulator.world.world import World

TICK_MS, CALM_TICK_MS = 500, 1_000  # nothing is so close together any more once all is healed
HEAD_MS = 5_000
BOOT_MS = 3_000  # a kernel has run so long when the hub begins
PUBLISHED_AT_ONCE = 1000
ASKS = ("roll_call", "text")
ALLWELL_AT = "04:28"  # the deadline of 平安报 falls into each run
ROLL_CALLS = "04:27"  # and so does a roll call


class Room:
    """One hub through all its lives. `hub` is None while it is down."""

    def __init__(self, world: "World", rng: random.Random) -> None:
        self.world = world
        self.rng = rng
        self.registry = world.town
        duty = Duty(allwell_at=ALLWELL_AT, roll_calls=ROLL_CALLS)
        telling = Escalation(again_s=AGAIN_MS // 1000)
        self.settings = Settings("world", "world", escalation=telling, duty=duty)
        self.db: FaultyDatabase = open_database()
        store.prepare(self.db, "world", f"{world.seed & (1 << 64) - 1:016x}", self._now())
        self.hub: core.Hub | None = None
        self.lives = 0  # of the program: a start that was meant for an earlier one is void
        self.queue: list[Event] = []
        self.waking = False
        self.published = {"alarm": 0, "exercise": 0}

    def start_in(self, delay_ms: int) -> None:
        """Whoever watches over the program starts it again, unless the machine goes down."""
        life = self.lives
        self.world.at(delay_ms, lambda: self.start() if life == self.lives else None)

    def start(self) -> None:
        self.lives += 1
        rooms = self.world.variant.rooms
        self.hub = store.open_hub(self.db, self.registry, self.settings)
        if rooms is not None:
            self.hub.rooms = rooms
        self.queue = []
        self.waking = False
        with_cursor = dict(self.db.execute("SELECT topic, sequence FROM cursors"))
        self.published = {topic: with_cursor.get(topic, 0) for topic in ("alarm", "exercise")}
        self.put(Started(f"kernel-{self.world.boot_ms}", "simulated"))
        self.world.watch.signed()  # a start counts as a sign of every desk
        self.world.log("hub starts")

    def power_off(self, for_ms: int) -> None:
        """The whole machine goes down; what its clocks count from is another when it is back."""
        self.hub = None
        self.lives += 1
        self._pull()
        self.world.log("the machine goes down")
        self.world.flight.met("machine_restart")
        self.world.at(for_ms, self._power_on)

    def _power_on(self) -> None:
        self.world.boot_ms = self.world.ms - BOOT_MS
        self.world.judge.committed.rebooted(self.world.boot_ms)
        self.start()

    def put(self, event: Event) -> None:
        """What arrives while the hub is down is gone: clean sessions, QoS 0."""
        if self.hub is None:
            return
        if isinstance(event, DeskHere) and event.listening:
            self.world.watch.signed(event.street)
        self.queue.append(event)
        if not self.waking:
            self.waking = True
            hub = self.hub
            self.world.at(self.rng.randint(1, 20), lambda: self._batch(hub))

    def tick(self) -> None:
        """The hub's second hand; beside it the watch that the world keeps on its deadlines."""
        self.put(Echo())
        self.put(Ticked())
        works = self.hub is not None and not self.db.full
        tick_ms = CALM_TICK_MS if self.world.healed else TICK_MS
        self.world.watch.tick(self.world.ms, self._now().wall, tick_ms if works else 0)
        self.world.at(tick_ms, self.tick)

    def tell_head(self) -> None:
        """What is retained at the city's topic `head`; a hub that is down says nothing new."""
        if self.hub is not None:
            self.world.city.head(feed.head(self.db))
        self.world.at(HEAD_MS, self.tell_head)

    def refill(self, topic: str, after: int) -> list[str] | None:
        """GET of the city's feed; None while the hub is down."""
        if self.hub is None:
            return None
        return [event for _, event in feed.events(self.db, topic, after, PUBLISHED_AT_ONCE)]

    def incidents(self, state: str, street: str = "") -> list[tuple[str, str, str]]:
        """What a page shows, of a street or of all; nothing while the hub is down."""
        if self.hub is None:
            return []
        return [
            tuple(row)
            for row in self.db.execute(
                "SELECT id, kind, outcome FROM incidents WHERE state = ? AND ? IN ('', street)"
                " ORDER BY since_row",
                (state, street),
            )
        ]

    def windows(self) -> list[int]:
        """Drill windows as the duty page shows them."""
        return [] if self.hub is None else [each.id for each in drills.open_windows(self.db)]

    def asks(self) -> list[tuple[str, list[str]]]:
        """Open roll calls and texts as the duty page shows them, with the sites missing."""
        if self.hub is None:
            return []
        return [
            (each.id, [reply.site for reply in each.missing])
            for each in self.every_ask()
            if each.ended is None
        ]

    def every_ask(self) -> list[Ask]:
        """The same, with those that have ended."""
        return [each for kind in ASKS for each in asks.latest(self.db, kind)]

    def _now(self) -> Now:
        return self.world.now()

    def _batch(self, hub: core.Hub) -> None:
        if hub is not self.hub:
            return
        self.waking = False
        events, self.queue = self.queue, []
        reports = any(isinstance(e, Arrived) and e.message == "report" for e in events)
        crash, self.db.crash = self.db.crash, self.db.crash if reports else ""
        try:
            refused = self.world.variant.run_batch(hub, events, self._now(), self._deliver)
            # as the writer keeps it until the disk heals: all that follows is counted from there
            self.queue = [each for each in refused or () if isinstance(each, Started)] + self.queue
        except HubCrashed:
            if not self.db.in_transaction:
                self._pull()
            self.world.flight.met(f"crash_{crash}_commit")
            self.world.log(f"hub dies ({crash} the commit)")
            self.hub = None
            self.start_in(self.rng.randint(100, 4000))
            return
        if crash and not reports:
            self.db.crash = crash
        self._pull()

    def _pull(self) -> None:
        self.world.judge.committed.pull(self.db, self.world.ms)

    def _deliver(self, effect: Effect) -> None:
        if not self.db.in_transaction:
            self._pull()
        if isinstance(effect, ToBoard):
            for name, state in said(effect):
                if state not in ("unknown", "later", "refused"):
                    self.world.judge.receipt_sent(name, self.world.ms)
            self.world.watch.told(effect, self.world.ms)
            self.world.network.to_board(effect)
        elif isinstance(effect, FeedGrew):
            self._publish(effect.topic)
        elif isinstance(effect, Answer):
            for officer in self.world.people:
                officer.answered(effect.action)
        elif isinstance(effect, Notify):
            self.world.tell(effect.notice)

    def _publish(self, topic: str) -> None:
        for sequence, event in feed.events(
            self.db, topic, self.published[topic], PUBLISHED_AT_ONCE
        ):
            self.published[topic] = sequence
            self.world.city.published(topic, sequence, event)


def said(effect: ToBoard) -> list[tuple[Name, str]]:
    """(name, state) of every press that a message to a board speaks of."""
    value = effect.value
    if effect.message == "receipt":
        return [((effect.board, value["boot"], value["number"]), value["answer"])]
    if effect.message == "state":
        names = [(each["press"].split(":"), each["state"]) for each in value["presses"]]
        return [((effect.board, boot, int(number)), state) for (boot, number), state in names]
    return []
