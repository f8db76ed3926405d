"""`/admin/settings`: every setting of `qianshao.toml`, what it does, and a new value for it."""

import re
from typing import Any, NamedTuple

from aiohttp import web

from hub import settings_file
from hub.desk.access import VIEWER
from hub.desk.office import entries
from hub.desk.office.entries import Wrong
from hub.desk.office.frame import Frame, fields, see
from hub.desk.words import teller
from hub.settings import Settings
from hub.words import Sentence

PATH = "/admin/settings"
# a mistake here would close the very page that makes it, or run another program
FIXED = ("district", "web.", "broker.", "escalation.command")
PORTS = {"web.port": "web", "broker.board_port": "board", "broker.mqtt_port": "mqtt"}
TEXT_MOST = 200
NUMBER = re.compile(r"-?[0-9]{1,20}")
TIMES = ("duty.allwell_at", "duty.roll_calls")
TIME = re.compile(r"(\d{1,2}):?(\d\d)")


class Line(NamedTuple):
    """One setting; `waits`: the hub still runs with another value."""

    name: str
    value: Any
    usual: Any
    fixed: bool
    waits: bool

    @property
    def part(self) -> str:
        """The section of the file."""
        return self.name.rpartition(".")[0]


class SettingsPage:
    """The list, one form a setting."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.act)]

    async def page(self, request: web.Request) -> web.Response:
        return self._draw(request)

    def _draw(
        self, request: web.Request, problem: str = "", typed: tuple[str, str] = ("", "")
    ) -> web.Response:
        """`typed`: of the setting that was not accepted, its name and what stood there."""
        parts: dict[str, list[Line]] = {}
        for each in self._lines():
            parts.setdefault(each.part, []).append(each)
        return self.frame.page(
            request,
            "settings",
            problem,
            parts=parts,
            typed=typed,
            in_use=self._in_use(),
        )

    def _in_use(self) -> dict[str, int]:
        """The ports as they are, whatever the file leaves open or the command line chose."""
        try:
            kept = self.frame.office.folder.kept_ports()
        except Sentence:
            return {}
        return {setting: kept[name] for setting, name in PORTS.items()}

    def _lines(self) -> list[Line]:
        written = settings_file.values(self.frame.office.folder.settings())
        running = settings_file.values(self.frame.house.settings)
        usual = settings_file.values(Settings(district="", name=""))
        return [
            Line(name, value, usual[name], name.startswith(FIXED), value != running[name])
            for name, value in written.items()
        ]

    async def act(self, request: web.Request) -> web.Response:
        """`name` and `value`; `do` usual: its default."""
        given = await fields(request)
        found = {each.name: each for each in self._lines() if not each.fixed}
        line = found.get(given.get("name", ""))
        if line is None:
            return self._draw(request, self.frame.gone(request))
        text = given.get("value", "")
        try:
            value = line.usual if given.get("do") == "usual" else _read(line, text)
        except Wrong as wrong:
            say = teller(request[VIEWER].language)
            why = say(f"fault.{wrong.why}", value=wrong.value[:40])
            problem = say("fault", field=say(f"set.{line.name}"), why=why)
            return self._draw(request, problem, (line.name, text))
        if problem := self.frame.set(request, {line.name: value}):
            return self._draw(request, problem, (line.name, text))
        return see(PATH, "saved")


def _read(line: Line, text: str) -> Any:
    """Raises Wrong: it is no value of this sort; what the file takes, the file decides."""
    text = text.strip()
    if isinstance(line.usual, bool):
        return text == "1"
    if isinstance(line.usual, int):
        digits = entries.plain(text)
        if not NUMBER.fullmatch(digits):
            raise Wrong(line.name, "number" if digits else "empty", text)
        return int(digits)
    if line.name in TIMES:
        return " ".join(
            f"{found[1]:0>2}:{found[2]}" if (found := TIME.fullmatch(each)) else each
            for each in re.split(r"[,、;\s]+", entries.plain(text).strip(",、;"))
        )
    if line.name == "name":
        return entries.name("room", text)
    if line.name == "duty_phone":
        return entries.phone(text)
    if len(text) > TEXT_MOST or not text.isprintable():
        raise Wrong(line.name, "odd", text)
    return text
