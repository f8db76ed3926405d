"""What enters the hub's core and what leaves it: plain values, no behaviour.

Everything that happens is an event; everything the hub wants done is an effect, and an effect is
delivered only after the transaction that produced it is on disk.
"""

from typing import Any, NamedTuple


class Now(NamedTuple):
    """The two clocks: `wall` ms UTC since 1970, `steady` ms of the kernel's boot-time clock."""

    wall: int
    steady: int


# --- events -------------------------------------------------------------------------------


class Started(NamedTuple):
    """The hub's program began; `kernel_boot` says whether `steady` still counts on."""

    kernel_boot: str
    version: str


class Arrived(NamedTuple):
    """A board's message, named by its topic; `payload` is what the wire carried."""

    board: str
    message: str
    payload: bytes


class Echo(NamedTuple):
    """The hub's own message came back through the broker."""


class LinkChanged(NamedTuple):
    """The hub's connection to its broker."""

    up: bool


class CityReceipt(NamedTuple):
    """What a city system wrote on the receipt topic."""

    payload: bytes


class CityTold(NamedTuple):
    """The broker acknowledged (PUBACK) the feed up to and with this sequence number."""

    topic: str
    sequence: int


class DeskHere(NamedTuple):
    """A page's sign of life: who, which role, whether it shows, sounds and is attended; `street`:
    the only one that it listens for, empty: all; `away`: its person has left for some minutes."""

    desk: str
    actor: str
    role: str
    listening: bool
    street: str = ""
    away: bool = False


class DeskGone(NamedTuple):
    """The page's stream ended."""

    desk: str


class Shown(NamedTuple):
    """Only a browser may say it: these incidents were rendered, visible, with sound on."""

    desk: str
    actor: str
    incidents: tuple[str, ...]


class Action(NamedTuple):
    """What a person did at a desk. `id` is random, drawn by the page: it repeats, we record once.

    `verb`: one of `hub.actions.VERBS`; `incident` is empty where it is about none; `data` as each
    verb needs it.
    """

    id: str
    desk: str
    actor: str
    role: str
    verb: str
    incident: str
    data: dict[str, Any]


class CommandRan(NamedTuple):
    """The configured command of an untaken incident ended; exit -1 = it could not start."""

    incident: str
    exit: int
    said: str


class NoticeEnded(NamedTuple):
    """What became of a notice (its ledger row) to a person; see `hub.channels.channel.Receipt`."""

    notice: int
    state: str
    detail: str


class RegistryChanged(NamedTuple):
    """An administrator or a tool changed the registry: before and after, for the record."""

    actor: str
    before: dict[str, Any]
    after: dict[str, Any]


class Audited(NamedTuple):
    """A person looked through the ledger, or took it away. `what`: verified or exported; up to and
    with the row `number` of that hash (hex); `findings`: how many things were wrong."""

    actor: str
    what: str
    number: int
    hash: str
    findings: int


class ChainBroken(NamedTuple):
    """A look at the whole ledger found so many wrong places, the first at row `number`."""

    number: int
    places: int
    said: str


class AccountsLost(NamedTuple):
    """`working.db` was begun anew at `since` (ms UTC); `aside`: where the old one is within the
    data folder, empty where it was gone."""

    since: int
    said: str
    aside: str


class AccountChanged(NamedTuple):
    """An administrator changed who may log in. `what`: added, changed, disabled, enabled, password
    or pin; `account`, `before`: {user, name, role, street} as it is, and where that was changed,
    as it was; `account` also {since} of a password that was set at the box. A password or PIN is
    never in it."""

    actor: str
    what: str
    account: dict[str, str]
    before: dict[str, str]


class Ticked(NamedTuple):
    """Time passed."""


Event = (
    Started
    | Arrived
    | Echo
    | LinkChanged
    | CityReceipt
    | CityTold
    | DeskHere
    | DeskGone
    | Shown
    | Action
    | CommandRan
    | NoticeEnded
    | RegistryChanged
    | Audited
    | ChainBroken
    | AccountsLost
    | AccountChanged
    | Ticked
)

# --- effects ------------------------------------------------------------------------------


class ToBoard(NamedTuple):
    """Publish to a board, QoS 0."""

    board: str
    message: str
    value: dict[str, Any]


class IncidentChanged(NamedTuple):
    """Pages redraw it; `number` is the ledger row that changed it, the stream's event id.

    `rings`: the desk's sound starts anew with it. `for_board`: what its board is told of it may
    have changed too.
    """

    incident: str
    number: int
    rings: bool
    for_board: bool = True


class EquipmentChanged(NamedTuple):
    """Pages redraw the equipment lane and the top bar."""

    number: int


class DesksChanged(NamedTuple):
    """Whether a desk listens has changed."""

    number: int


class DutyChanged(NamedTuple):
    """Drills, roll calls, texts, reports of the day, equipment out of service: pages redraw;
    the boards of `sites` are told at once."""

    number: int
    sites: tuple[str, ...] = ()


class FeedGrew(NamedTuple):
    """The city's feed has events beyond the cursor."""

    topic: str


class RunCommand(NamedTuple):
    """Run the configured command for an untaken incident; its end comes back as CommandRan."""

    incident: str


class Notify(NamedTuple):
    """Send the notice of this ledger row to its person; what became of it is a NoticeEnded."""

    notice: int


class Answer(NamedTuple):
    """To the page that acted: `code` is `ok` or why not, `detail` fills the sentence's blanks."""

    action: str
    code: str
    detail: dict[str, str]


class DiskState(NamedTuple):
    """The disk refused a commit (`error` says how), or takes them again (None)."""

    error: str | None


Effect = (
    ToBoard
    | IncidentChanged
    | EquipmentChanged
    | DesksChanged
    | DutyChanged
    | FeedGrew
    | RunCommand
    | Notify
    | Answer
    | DiskState
)
