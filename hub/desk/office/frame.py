"""What all quiet pages share: the frame, reading a form, and what is said back."""

import logging
from typing import Any

from aiohttp import web

from hub import ledger, settings_file
from hub.desk.access import ROUTES, SESSION, VIEWER
from hub.desk.accounts import Accounts, token
from hub.desk.office.entries import Wrong
from hub.desk.pages import render
from hub.desk.words import LANGUAGES, teller
from hub.events import RegistryChanged
from hub.house import House
from hub.registry import Row
from hub.settings import Settings, Unfit
from hub.words import Sentence

log = logging.getLogger("qianshao.office")

# in the order of the tabs; each is shown to whoever may go there
TABS = (
    ("overview", "/admin"),
    ("setup", "/setup"),
    ("sites", "/admin/sites"),
    ("boards", "/admin/boards"),
    ("people", "/admin/people"),
    ("users", "/admin/users"),
    ("settings", "/admin/settings"),
    ("changes", "/admin/changes"),
    ("record", "/ledger"),
)
LISTED = 100  # rows of one list; a search makes it shorter
REFUSED = 422


class Frame:
    """Draws a quiet page and enters what its forms say. Runs on the loop's thread."""

    def __init__(self, house: House, accounts: Accounts) -> None:
        self.house = house
        self.office = house.office
        self.accounts = accounts

    def page(
        self, request: web.Request, page: str, problem: str = "", status: int = 0, **facts: Any
    ) -> web.Response:
        """`office/<page>.html`; `problem`: the sentence above it. Whoever opens it is there: the
        session begins again."""
        viewer = request[VIEWER]
        self.accounts.touch(request[SESSION])
        role = viewer.account.role
        say = teller(viewer.language)
        done = request.query.get("done", "")
        html = render(
            f"office/{page}.html",
            viewer.language,
            name=self.house.settings.name,
            account=viewer.account,
            token=token(request[SESSION]),
            page=page,
            tab_path=dict(TABS)[page],
            tabs=[each for each in TABS if role in ROUTES["GET", each[1]]],
            problem=problem,
            notices=[each[LANGUAGES.index(viewer.language)] for each in self.house.health.notices],
            restart=role == "administrator" and self.written() != self.house.settings,
            done=say(f"done.{done}") if done in DONE else "",
            **facts,
        )
        return web.Response(
            text=html, content_type="text/html", status=status or (REFUSED if problem else 200)
        )

    def written(self) -> Settings:
        """What the hub would start with; as it runs, where that cannot be read."""
        try:
            return self.office.folder.settings()
        except Sentence:
            return self.house.settings

    def enter(
        self,
        request: web.Request,
        put: dict[str, list[Row]],
        gone: dict[str, list[str]] | None = None,
    ) -> str:
        """Change the registry in the viewer's name. -> what went wrong, or ''."""
        viewer, gone = request[VIEWER], gone or {}
        if why_not := self.cannot(request, put, gone):
            return why_not
        try:
            self.office.enter(viewer.account.name, put, gone)
        except Sentence as sentence:
            return str(sentence.both[LANGUAGES.index(viewer.language)])
        except OSError as error:
            log.error("the registry could not be written: %s", error)
            return teller(viewer.language)("fault.disk", why=error.strerror or error)
        return ""

    def set(self, request: web.Request, values: dict[str, Any]) -> str:
        """Change `qianshao.toml` in the viewer's name, on record as the registry's changes are.
        -> what went wrong, or ''."""
        viewer, folder = request[VIEWER], self.office.folder
        old: dict[str, Any] = {}
        try:
            old = settings_file.values(folder.settings())
            new = settings_file.values(settings_file.change(folder, values))
        except Unfit as unfit:
            say = teller(viewer.language)
            if unfit.limit:
                return _disordered(unfit, values, old, say)
            wanted = unfit.wanted[LANGUAGES.index(viewer.language)]
            why = say("fault.wanted", wanted=wanted)
            return say("fault", field=say(f"set.{unfit.name}"), why=why)
        except Sentence as sentence:
            return str(sentence.both[LANGUAGES.index(viewer.language)])
        except OSError as error:
            return teller(viewer.language)("fault.disk", why=error.strerror or error)
        before, after = (
            {name: {"id": name, "value": each[name]} for name in new if old[name] != new[name]}
            for each in (old, new)
        )
        if after:
            self.house.submit(
                RegistryChanged(viewer.account.name, {"settings": before}, {"settings": after})
            )
        return ""

    def streets(self) -> list[str]:
        """Every street that has a site."""
        return sorted({site["street"] for site in self.office.registry.sites.values()})

    def cannot(
        self, request: web.Request, put: dict[str, list[Row]], gone: dict[str, list[str]]
    ) -> str:
        """Why the registry must not be changed so, or ''."""
        if loose := self._loose_end(put, gone):
            key, id_ = loose
            return teller(request[VIEWER].language)(f"fault.{key}", id=id_)
        return ""

    def _loose_end(
        self, put: dict[str, list[Row]], gone: dict[str, list[str]]
    ) -> tuple[str, str] | None:
        """Why it cannot be: (its `fault.`, the id). No board without its site, none whose alarm
        is open taken out."""
        tables = self.office.registry.tables
        sites = tables["sites"].keys() | {row["id"] for row in put.get("sites", ())}
        sites -= set(gone.get("sites", ()))
        boards = {**tables["boards"], **{row["id"]: row for row in put.get("boards", ())}}
        for id_ in gone.get("boards", ()):
            boards.pop(id_, None)
            if self.open_incident(id_):
                return "open_incident", id_
        orphan = next((each for each in boards.values() if each["site"] not in sites), None)
        return ("no_site", orphan["id"]) if orphan else None

    def open_incident(self, board: str) -> bool:
        """Whether an alarm of that board is not closed."""
        found = self.house.reader.execute(
            "SELECT 1 FROM incidents WHERE board = ? AND state <> 'closed'", (board,)
        )
        return found.fetchone() is not None

    def head(self) -> tuple[int, str]:
        """The ledger's last row: number and hash (hex)."""
        number, hash_ = ledger.head(self.house.reader)
        return number, hash_.hex()

    def gone(self, request: web.Request) -> str:
        """What a form spoke of is not there any more."""
        return teller(request[VIEWER].language)("fault.gone")

    def meanwhile(self, request: web.Request) -> str:
        """Two had the same form open."""
        return teller(request[VIEWER].language)("fault.changed_meanwhile")

    def told(self, request: web.Request, wrong: Wrong) -> str:
        """The sentence for a field that was filled in wrongly."""
        say = teller(request[VIEWER].language)
        return say("fault", field=say(f"field.{wrong.field}"), why=why(say, wrong))


def _disordered(unfit: Unfit, values: dict[str, Any], old: dict[str, Any], say: Any) -> str:
    """Of two settings that bind each other, what the one that was changed should be."""
    mine, other, way = unfit.name, unfit.limit, "below" if unfit.strict else "at_most"
    if mine not in values:
        mine, other, way = other, mine, "above" if unfit.strict else "at_least"
    why = say(f"fault.{way}", other=say(f"set.{other}"), value=old[other])
    return str(say("fault", field=say(f"set.{mine}"), why=why))


DONE = frozenset({"saved", "saved_deaf", "removed", "back", "imported"})


def why(say: Any, wrong: Wrong) -> str:
    """What the field should be."""
    return str(say(f"fault.{wrong.why}", value=wrong.value[:40]))


def see(path: str, done: str) -> web.Response:
    """After a form: a page that may be loaded again without doing it twice."""
    joint = "&" if "?" in path else "?"
    return web.Response(status=303, headers={"Location": f"{path}{joint}done={done}"})


async def fields(request: web.Request) -> dict[str, str]:
    """The texts of a form. Files are not among them."""
    form = await request.post()
    return {name: value for name, value in form.items() if isinstance(value, str)}
