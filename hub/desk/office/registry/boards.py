"""`/admin/boards`: enrol a board, say where it is, give it another key, take it out."""

import json
from typing import Any

from aiohttp import web

from hub import enrol
from hub.desk.access import VIEWER
from hub.desk.office import entries
from hub.desk.office.entries import Wrong
from hub.desk.office.frame import LISTED, Frame, fields, see
from hub.desk.office.records import ever_given, stamp
from hub.desk.words import teller
from hub.intake import SELF_TEST
from hub.registry import BOARD_DEFAULTS, Row

PATH = "/admin/boards"
LAMPS = ("3", "1")
CUTS = ("key", "remove")  # what cuts a board off: asked first


class Boards:
    """List, enrolment, keys. A secret is shown once, in the answer to what made it."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.page), web.post(PATH, self.act)]

    async def page(self, request: web.Request) -> web.Response:
        """`ask` key or remove, `id`: what that would do, before it is done; edit: its form; else
        `site`: chosen in the form; `q`, `lacks`: which are listed."""
        board = self._board(request.query.get("id", ""))
        if board and request.query.get("ask") in CUTS:
            return self._ask(request, request.query["ask"], board)
        if board and request.query.get("ask") == "edit":
            return self._edit(request, {"place": board["place"], "pager": board["pager"]}, board)
        return self._draw(request, self._form(request.query.get("site", "")))

    def _form(self, site: str = "") -> dict[str, Any]:
        simulated = self.frame.house.simulated
        form = {"id": "", "site": site, "place": "", "lamps": "3", "pager": False}
        return {**form, "simulated": simulated}

    def _draw(
        self,
        request: web.Request,
        form: dict[str, Any],
        problem: str = "",
        secrets: list[dict[str, str]] | None = None,
    ) -> web.Response:
        registry, states = self.frame.office.registry, self._states()
        wanted = request.query.get("q", "").strip().lower()
        lacks = "heard" if request.query.get("lacks") == "heard" else ""
        found = [
            (facts, states.get(facts["id"], "never"))
            for facts in registry.facts()
            if wanted in _text(facts) and not (lacks and facts["id"] in states)
        ]
        with_boards = {facts["site"] for facts in registry.facts()}
        sites = sorted(registry.sites.values(), key=lambda each: (each["street"], each["name"]))
        return self.frame.page(
            request,
            "boards",
            problem,
            asked=None,
            edited=None,
            boards=found[:LISTED],
            more=max(0, len(found) - LISTED),
            total=len(registry.boards()),
            without=sum(1 for site in sites if site["id"] not in with_boards),
            sites=sites,
            q=request.query.get("q", ""),
            lacks=lacks,
            form=form,
            secrets=secrets or [],
            all_simulated=self.frame.house.simulated,
        )

    def _board(self, id_: str) -> Row | None:
        """With its site's facts, if it is enrolled."""
        tables = self.frame.office.registry.tables
        return self.frame.office.registry.board(id_) if id_ in tables["boards"] else None

    def _states(self) -> dict[str, str]:
        """here or lost, of each board that was ever heard."""
        found = self.frame.house.reader.execute("SELECT board, state FROM equipment")
        return {row["board"]: row["state"] for row in found}

    def _ask(self, request: web.Request, do: str, board: Row, problem: str = "") -> web.Response:
        """What it would do to that board; nothing is done yet."""
        others = self.frame.office.registry.tables["boards"].values()
        asked = {
            "do": do,
            "board": board,
            "state": self._states().get(board["id"], "never"),
            "only": sum(1 for each in others if each["site"] == board["site"]) == 1,
            "open": self.frame.open_incident(board["id"]),
        }
        return self.frame.page(request, "boards", problem, asked=asked, edited=None)

    def _edit(
        self, request: web.Request, form: dict[str, Any], board: Row, problem: str = ""
    ) -> web.Response:
        row = self.frame.office.registry.tables["boards"][board["id"]]
        return self.frame.page(
            request, "boards", problem, asked=None, edited=board, form=form, seen=stamp(row)
        )

    async def act(self, request: web.Request) -> web.Response:
        """`do`: enrol, each, edit, key or remove."""
        given = await fields(request)
        if given.get("do") in ("enrol", "each"):
            return self._enrol(request, given)
        board = self._board(given.get("id", ""))
        if board is None or given.get("do") not in (*CUTS, "edit"):
            return self._draw(request, self._form(), self.frame.gone(request))
        if given["do"] == "edit":
            return self._save(request, given, board)
        if given["do"] == "remove":
            return self._remove(request, board["id"])
        if given.get("key_number") != str(board["key_number"]):  # sent twice, or by two people
            say = teller(request[VIEWER].language)
            return self._ask(request, "key", board, say("boards.ask.since"))
        return self._key(request, board["id"])

    def _enrol(self, request: web.Request, given: dict[str, str]) -> web.Response:
        """One board; do = each: one for every site that has none. -> the page with its
        secrets."""
        typed = ("id", "site", "place", "lamps")
        form: dict[str, Any] = {part: given.get(part, "") for part in typed}
        form |= {mark: bool(given.get(mark)) for mark in ("pager", "simulated")}
        there = str(len(self.frame.office.registry.boards()))
        if given.get("there", there) != there:  # the page with the secrets, loaded again
            say = teller(request[VIEWER].language)
            return self._draw(request, form, say("boards.enrolled_since"))
        try:
            rows = self._rows(given)
        except Wrong as wrong:
            return self._draw(request, form, self.frame.told(request, wrong))
        if problem := self.frame.enter(request, {"boards": rows}):
            return self._draw(request, form, problem)
        return self._draw(
            request, {**form, "id": "", "place": ""}, "", [self._secret(row) for row in rows]
        )

    def _save(self, request: web.Request, given: dict[str, str], board: Row) -> web.Response:
        """Where it is, and whether it rings for others."""
        typed, pager = given.get("place", ""), bool(given.get("pager"))
        form = {"place": typed, "pager": pager}
        old = self.frame.office.registry.tables["boards"][board["id"]]
        if given.get("seen", stamp(old)) != stamp(old):
            return self._edit(request, form, board, self.frame.meanwhile(request))
        try:
            row = {
                **old,
                "place": entries.place(typed),
                "pager": pager,
            }
        except Wrong as wrong:
            return self._edit(request, form, board, self.frame.told(request, wrong))
        if problem := self.frame.enter(request, {"boards": [row]}):
            return self._edit(request, form, board, problem)
        return see(PATH, "saved")

    def _rows(self, given: dict[str, str]) -> list[Row]:
        registry = self.frame.office.registry
        used = ever_given(self.frame.house.reader, "boards") | set(registry.boards())
        used.add(SELF_TEST)
        more = {
            "lamps": int(given["lamps"]) if given.get("lamps") in LAMPS else 3,
            "pager": bool(given.get("pager")),
            "simulated": bool(given.get("simulated")),
        }
        if given.get("do") == "each":
            with_boards = {each["site"] for each in registry.tables["boards"].values()}
            chosen = [site for site in registry.sites if site not in with_boards]
            if not chosen:
                raise Wrong("site", "none_without")
        elif given.get("site", "") in registry.sites:
            chosen = [given["site"]]
        else:
            raise Wrong("site", "choose")
        rows = []
        for site in chosen:
            wanted = "" if given.get("do") == "each" else given.get("id", "").strip()
            id_ = entries.ident("id", wanted) if wanted else _unused(used, site)
            if id_ in used:
                raise Wrong("id", "used", id_)
            used.add(id_)
            place = "" if given.get("do") == "each" else entries.place(given.get("place", ""))
            where = {"place": place} if place else {}
            rows.append({**BOARD_DEFAULTS, "id": id_, "site": site, **where, **more})
        return rows

    def _secret(self, row: Row) -> dict[str, str]:
        """What the board needs: its file, as `boards/` takes it."""
        port = self.frame.office.folder.kept_ports()["board"]
        site = self.frame.office.registry.sites[row["site"]]
        covert = bool(site.get("covert"))
        settings = self.frame.written()
        value = enrol.board_file(self.frame.office.folder, settings, row, port, covert)
        link = value["links"][0]
        return {
            "id": row["id"],
            "site": f"{site['name']} {row.get('place', '')}".rstrip(),
            "password": link["password"],
            "file": json.dumps(value, ensure_ascii=False, indent=1),
        }

    def _key(self, request: web.Request, id_: str) -> web.Response:
        """Another key; the old one is dead at once, also for a live link."""
        row = {**BOARD_DEFAULTS, **self.frame.office.registry.tables["boards"][id_]}
        row["key_number"] += 1
        problem = self.frame.enter(request, {"boards": [row]})
        return self._draw(request, self._form(), problem, [] if problem else [self._secret(row)])

    def _remove(self, request: web.Request, id_: str) -> web.Response:
        """Its link is cut at once; its id is never another's."""
        if problem := self.frame.enter(request, {}, {"boards": [id_]}):
            return self._draw(request, self._form(), problem)
        return see(PATH, "removed")


def _text(facts: Row) -> str:
    return f"{facts['street']} {facts['site_name']} {facts['place']} {facts['id']}".lower()


def _unused(used: set[str], site: str) -> str:
    return entries.unused(lambda id_: id_ in used, site[:28])
