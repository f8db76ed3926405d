"""`qianshao.toml`: every number a duty room may change, each with its default.

A key that nothing reads is an error that names the nearest one: a misspelt deadline must never
be a silent default.
"""

import dataclasses
import difflib
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.words import Sentence
from protocol import catalogue
from protocol.topics import is_id

# the first below the second, or one of them means nothing: nobody would be asked before absent
BELOW = (
    ("presence.ask_s", "presence.attended_s"),
    ("presence.echo_s", "presence.echo_lost_s"),
    ("board.heartbeat_ms", "presence.lost_s"),
    ("board.short_ms", "board.hold_ms"),
    ("board.hold_ms", "board.test_hold_ms"),
    ("board.withdraw_from_ms", "board.withdraw_until_ms"),
)
NOT_ABOVE = (
    ("escalation.louder_s", "escalation.loudest_s"),
    ("board.open_heartbeat_ms", "board.heartbeat_ms"),
    ("board.retry_first_ms", "board.retry_most_ms"),
)
# beyond these a figure would leave a press alone, or a desk that is there uncounted: it gives a
# sign of life each 5 s; and where 0 is none of them, nothing would work with it
LIMITS = {
    "presence.desk_s": (10, 300),
    "presence.away_s": (60, 3600),
    "presence.lost_s": (10, 3600),
    "presence.gone_s": (0, 60),
    "presence.echo_s": (1, 60),
    "presence.echo_lost_s": (2, 600),
    "presence.late_s": (0, 86_400),
    "presence.self_test_s": (1, 3600),
    "presence.ask_s": (60, 14_400),
    "presence.attended_s": (60, 28_800),
    "escalation.louder_s": (0, 600),
    "escalation.loudest_s": (0, 600),
    "escalation.page_s": (0, 600),
    "escalation.way_s": (5, 600),
    "escalation.again_s": (1, 3600),
    "escalation.notices_most": (1, 1000),
    "escalation.city_s": (0, 3600),
    "escalation.silent_s": (60, 86_400),
    "escalation.abnormal_s": (60, 86_400),
    "escalation.alert_repeat_s": (1, 60),
    "city.receipt_s": (1, 3600),
    "duty.test_period_days": (1, 3650),
    "intake.burst": (1, 1_000_000),
    "intake.per_second": (1, 1_000_000),
    "web.port": (0, 65535),
    "broker.board_port": (0, 65535),
    "broker.mqtt_port": (0, 65535),
}
PREFIX_PARTS = 5  # of Home Assistant's topics, at most
PREFIX = re.compile(
    rf"(?!qianshao(/|$))[A-Za-z0-9_-]{{1,40}}(/[A-Za-z0-9_-]{{1,40}}){{0,{PREFIX_PARTS - 1}}}"
)
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
SORTS = {
    int: ("整数", "a whole number"),
    str: ("文字", "text"),
    bool: ("true 或 false", "true or false"),
    tuple: ("文字的列表", "a list of texts"),
}


class Unfit(Sentence):
    """One setting should be something else. `name`: in full; `wanted`: zh and en, after 应为.
    `limit`: the setting that it must be below, or where not `strict` at most."""

    def __init__(
        self, path: Path, name: str, wanted: tuple[str, str], limit: str = "", strict: bool = True
    ) -> None:
        zh, en = wanted
        super().__init__(f"{path}：{name} 应为{zh}。", f"{path}: {name} should be {en}.")
        self.name = name
        self.wanted = wanted
        self.limit = limit
        self.strict = strict


@dataclass(frozen=True)
class Web:
    """The desk's page. `address`, `port`: where it listens."""

    address: str = "127.0.0.1"
    port: int = 8080


@dataclass(frozen=True)
class Broker:
    """Mosquitto's two listeners. Port 0 = a free one, chosen at the first start and kept."""

    address: str = "127.0.0.1"
    board_port: int = 0
    mqtt_port: int = 0


@dataclass(frozen=True)
class Escalation:
    """Untaken presses (ISA-18.2 re-alarming; figures are the product's own, to be confirmed).

    All in seconds from the press's storing: `louder_s` and `loudest_s` the desk's sound steps,
    `page_s` pager boards and `command` (argv; the incident's facts come as environment
    variables), `city_s` the city is told `escalated`. `way_s`: a person who has not answered is
    told by the next of his ways; `again_s` after the last of them all begins again; `notices_most`
    one person has within 10 minutes, duress apart. `silent_s`: taken, but neither an outcome
    nor a next time: asked again. `abnormal_s`: an untaken 异常, likewise, and it goes to nobody
    else. `alert_repeat_s`: a pager order, until answered or moot.
    """

    louder_s: int = 15
    loudest_s: int = 30
    page_s: int = 30
    way_s: int = 30
    again_s: int = 300
    notices_most: int = 12
    city_s: int = 60
    silent_s: int = 900
    abnormal_s: int = 600
    alert_repeat_s: int = 2
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Presence:
    """When silence is a loss (EN 50136-1 SP5/DP4: told within 90 s). All in seconds.

    `lost_s` without a heartbeat; `echo_s` between the hub's own broker echoes and `echo_lost_s`
    without one: the broker is silent and no board's silence counts; `desk_s` without a sign of
    life a desk does not listen; `ask_s` without a touch it asks 还在岗, `attended_s`: nobody sits
    there; `away_s` 离席; `late_s` a press older than this arrived late; `gone_s` after the last
    will; `self_test_s` between self-tests.
    """

    lost_s: int = 80
    gone_s: int = 3
    echo_s: int = 5
    echo_lost_s: int = 15
    desk_s: int = 15
    ask_s: int = 1500
    attended_s: int = 1800
    away_s: int = 600
    late_s: int = 30
    self_test_s: int = 60


@dataclass(frozen=True)
class City:
    """`receipt_s` without the city's receipt: 市级未签收."""

    receipt_s: int = 60


@dataclass(frozen=True)
class Duty:
    """`allwell_at`: the daily all-well reports' deadline, `HH:MM` +08:00, empty: there is none.
    `roll_calls`: when the hub calls the roll (定时点名), times with a space between.
    `test_period_days`: how often a board is to be proven, where its site says nothing else."""

    allwell_at: str = "16:00"
    roll_calls: str = ""
    test_period_days: int = 90


@dataclass(frozen=True)
class Intake:
    """How many reports one board may have stored: a burst, then a steady rate a second."""

    burst: int = 20
    per_second: int = 5


@dataclass(frozen=True)
class Board:
    """What the hub tells every board; see `protocol/messages.py`, part settings."""

    show_name: bool = False
    debounce_ms: int = 50
    hold_ms: int = 3000
    test_hold_ms: int = 5000
    short_ms: int = 1000
    withdraw_from_ms: int = 2000
    withdraw_until_ms: int = 60000
    test_window_ms: int = 120000
    third_press_ms: int = 10000
    no_receipt_ms: int = 10000
    heartbeat_ms: int = 25000
    open_heartbeat_ms: int = 5000
    retry_first_ms: int = 1000
    retry_most_ms: int = 30000


@dataclass(frozen=True)
class HomeAssistant:
    """MQTT discovery for Home Assistant: the status of boards, never a press. `prefix`: its own
    discovery prefix."""

    enabled: bool = False
    prefix: str = "homeassistant"


@dataclass(frozen=True)
class Settings:
    """The whole file. `duty_phone` is on every board's display and label."""

    district: str
    name: str
    duty_phone: str = ""
    web: Web = field(default_factory=Web)
    broker: Broker = field(default_factory=Broker)
    escalation: Escalation = field(default_factory=Escalation)
    presence: Presence = field(default_factory=Presence)
    city: City = field(default_factory=City)
    duty: Duty = field(default_factory=Duty)
    intake: Intake = field(default_factory=Intake)
    home_assistant: HomeAssistant = field(default_factory=HomeAssistant)
    board: Board = field(default_factory=Board)


def load(path: Path) -> Settings:
    """Read the file. Raises Sentence: which key is wrong, and what it should be."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise Sentence(
            f"{path} 读不出来：{error.strerror}。", f"{path} cannot be read: {error.strerror}."
        ) from error
    return parse(text, path)


def parse(text: bytes, path: Path) -> Settings:
    """What stands in `text`; `path` is only named. Raises Sentence."""
    try:
        table = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        at = re.search(r"at line (\d+), column (\d+)", str(error))
        where = f"第 {at[1]} 行第 {at[2]} 列" if at else "整个文件"
        raise Sentence(
            f'{path} 不是 TOML：{where}不合写法。文字要加引号，如 name = "南山区值班室"。',
            f"{path} is not TOML: {error}.",
        ) from error
    settings: Settings = _build(Settings, table, path, "")
    if not is_id(settings.district):
        raise Unfit(path, "district", ("3 到 32 个 a-z、0-9 或 -", "3 to 32 of a-z, 0-9 and -"))
    if settings.duty.allwell_at and not HOUR.fullmatch(settings.duty.allwell_at):
        wanted = ("16:00 这样的时刻，或为空", "a time such as 16:00, or empty")
        raise Unfit(path, "duty.allwell_at", wanted)
    if not all(HOUR.fullmatch(each) for each in settings.duty.roll_calls.split()):
        wanted = (
            "08:30 16:00 这样的时刻，用空格隔开，或为空",
            "times such as 08:30 16:00 with a space between, or empty",
        )
        raise Unfit(path, "duty.roll_calls", wanted)
    if not PREFIX.fullmatch(settings.home_assistant.prefix):
        wanted = (
            "字母、数字、- 或 _ 组成，可用 / 分级",
            "letters, digits, - and _, in levels by /",
        )
        raise Unfit(path, "home_assistant.prefix", wanted)
    if not settings.name.strip():
        raise Unfit(path, "name", ("值班室的名称", "the duty room's name"))
    _check_for_boards(settings, path)
    _check_order(settings, path)
    return settings


def _check_for_boards(settings: Settings, path: Path) -> None:
    """Boards would refuse what does not fit the catalogue."""
    for name, _, kind, bounds in catalogue.fields("settings"):
        if kind == "int":
            low, high = bounds
            if not low <= getattr(settings.board, name) <= high:
                wanted = (f"{low} 到 {high}", f"{low} to {high}")
                raise Unfit(path, f"board.{name}", wanted)
        elif kind == "text" and not catalogue.is_text(getattr(settings, name), bounds[0]):
            wanted = (f"最多 {bounds[0]} 个字", f"text of at most {bounds[0]} characters")
            raise Unfit(path, name, wanted)


def _check_order(settings: Settings, path: Path) -> None:
    for less, more in BELOW + NOT_ABOVE:
        first, limit, strict = _ms(settings, less), _ms(settings, more), (less, more) in BELOW
        if first > limit or (strict and first == limit):
            now = _at(settings, more)
            zh = f"{'小于' if strict else '不大于'} {more}（现为 {now}）"
            en = f"{'below' if strict else 'at most'} {more}, now {now}"
            raise Unfit(path, less, (zh, en), more, strict)


def _at(settings: Settings, name: str) -> int:
    section, _, key = name.partition(".")
    return int(getattr(getattr(settings, section), key))


def _ms(settings: Settings, name: str) -> int:
    return _at(settings, name) * (1 if name.endswith("_ms") else 1000)


def _build(cls: Any, table: dict[str, Any], path: Path, section: str) -> Any:
    fields = {each.name: each for each in dataclasses.fields(cls)}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            known = near[0] if near else ", ".join(fields)
            raise Sentence(
                f"{path}：没有 {section}{key} 这一项；可用的是 {known}。",
                f"{path}: nothing reads {section}{key}; "
                + (f"did you mean {known}?" if near else f"it knows {known}."),
            )
        values[key] = _value(fields[key], value, path, section + key)
    for name, each in fields.items():
        no_default = each.default is dataclasses.MISSING
        if no_default and each.default_factory is dataclasses.MISSING and name not in values:
            raise Sentence(
                f"{path}：缺少 {section}{name}。", f"{path}: {section}{name} is missing."
            )
    return cls(**values)


def _value(each: Any, value: Any, path: Path, name: str) -> Any:
    if each.default_factory is not dataclasses.MISSING:
        if not isinstance(value, dict):
            raise Unfit(path, name, (f"一节，写作 [{name}]", f"a table, written [{name}]"))
        return _build(each.default_factory, value, path, name + ".")
    wanted = str if each.default is dataclasses.MISSING else type(each.default)
    if wanted is tuple and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if type(value) is not wanted:
        raise Unfit(path, name, SORTS[wanted])
    if type(value) is int and name in LIMITS:  # a board's figures the catalogue limits
        low, high = LIMITS[name]
        if not low <= value <= high:
            raise Unfit(path, name, (f"{low} 到 {high}", f"{low} to {high}"))
    return value
