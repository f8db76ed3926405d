"""The wall (大屏) and the leader's page (带班领导): the desk's own facts, drawn for other eyes.

The wall is read from across the room and by visitors: neither phones nor names, no silent duress,
nothing restricted. Both follow the same stream as the desk, one part of markup each.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from aiohttp import web

from hub.desk.access import SESSION, VIEWER
from hub.desk.accounts import token
from hub.desk.pages import Pages, Seen, State, Viewer, render, streets
from hub.desk.views import SEVERITY, Incident, instructions
from hub.desk.words import for_script, teller
from hub.house import House

WALL_ROWS = 8
UNGRADED = 5  # after the graded ones of its kind
HIDDEN_KINDS = ("duress", "test")
PHRASES = 4  # the leader's ready words: `phrase.1` and on


class Boards:
    """Both pages. `views`: what the stream draws for each."""

    def __init__(self, house: House, pages: Pages) -> None:
        self.house = house
        self.pages = pages
        self.views = {"wall": self.wall, "leader": self.leader}

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/wall", self.wall_page), web.get("/leader", self.leader_page)]

    def wall(self, viewer: Viewer) -> State:
        """The queue as whoever stands in the room may see it."""
        seen = self.pages.look(viewer.account)
        queue = [each for each in seen.lists.queue if self._for_all_eyes(each)]
        taken = [each for each in seen.lists.taken if self._for_all_eyes(each)]
        every = [*queue, *taken]
        levels = Counter(each.level for each in every if each.kind != "drill")

        def draw() -> str:
            return render(
                "wall_part.html",
                viewer.language,
                rows=every[:WALL_ROWS],
                more=max(0, len(queue) - WALL_ROWS),
                untaken=len(queue),
                taken=len(taken),
                levels=[(level, levels[level]) for level in (1, 2, 3, 4, 0)],
                **self._house(seen, public=True),
            )

        return self._state(seen, viewer, "wall", every, draw, len(queue))

    def leader(self, viewer: Viewer) -> State:
        """What is open, gravest first, of equals what waits, and what is due: one sheet."""
        seen = self.pages.look(viewer.account)
        every = [*seen.lists.queue, *seen.lists.taken]
        # the two lists stand one behind the other, and a sort keeps the order of equals
        every.sort(key=lambda each: (SEVERITY[each.kind], each.level or UNGRADED))

        def draw() -> str:
            return render(
                "leader_part.html",
                viewer.language,
                incidents=[each for each in every if each.kind != "test"],
                instructions=instructions(self.house.reader, every),
                untaken=seen.lists.untaken,
                due=[each for each in seen.lists.taken if each.reminded or each.next],
                may_instruct=viewer.account.role == "leader",
                phrases=[teller(viewer.language)(f"phrase.{n + 1}") for n in range(PHRASES)],
                **self._house(seen),
            )

        return self._state(seen, viewer, "leader", every, draw, seen.lists.untaken)

    async def wall_page(self, request: web.Request) -> web.Response:
        return self._page(request, "wall", self.wall)

    async def leader_page(self, request: web.Request) -> web.Response:
        return self._page(request, "leader", self.leader)

    def _page(self, request: web.Request, name: str, draw: Any) -> web.Response:
        viewer = request[VIEWER]
        state = draw(viewer)
        words = for_script(viewer.language)
        html = render(
            f"{name}.html",
            viewer.language,
            name=self.house.settings.name,
            all_simulated=self.house.simulated,
            token=token(request[SESSION]),
            account=viewer.account,
            state=state,
            script={"words": words, "language": viewer.language, "wall": state.wall},
        )
        return web.Response(text=html, content_type="text/html")

    def _for_all_eyes(self, incident: Incident) -> bool:
        """Neither restricted (限制公开) then nor now; a board that is not in the registry any more
        is not known to be open to all."""
        facts = self.house.registry.board(incident.board) or {"restricted": True}
        hidden = incident.restricted or facts.get("restricted")
        return incident.kind not in HIDDEN_KINDS and not hidden

    def _house(self, seen: Seen, public: bool = False) -> dict[str, Any]:
        return {
            "now": seen.wall,
            "duty": seen.duty,
            "self_test": self.house.health.self_test_wall,
            "self_test_failed": self.pages.self_test_failed(),
            "broker_up": self.house.health.broker_up,
            **streets(seen.lane, public),
        }

    def _state(
        self,
        seen: Seen,
        viewer: Viewer,
        page: str,
        shown: list[Incident],
        draw: Callable[[], str],
        untaken: int,
    ) -> State:
        simulated = self.house.simulated

        def parts() -> dict[str, str]:
            mode = render("mode.html", viewer.language, duty=seen.duty, all_simulated=simulated)
            return {page: draw(), "mode": mode}

        health = (
            self.house.health.self_test_wall,
            self.house.health.broker_up,
            self.pages.self_test_failed(),
        )
        facts = (seen, shown, simulated, health)
        drawn = self.pages.shared(page, viewer, facts, parts)
        return State(seen.number, self.house.now().wall, untaken, [], [], {}, drawn)
