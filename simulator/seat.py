"""The visitor's seat at the desk, and a colleague who acts there: plain requests to the real hub.

Cookies of 127.0.0.1 know no port: the session that the hub gives to this program is handed on to
the visitor's browser by the demo's page, and the framed desk is logged in. The hub need not know.
"""

import secrets
from typing import Any

import aiohttp

from hub.desk.access import TOKEN_HEADER
from hub.desk.accounts import token
from hub.desk.sessions import SESSION_S

ASK_S = 6.0


class NoDesk(Exception):
    """The hub does not answer, or not as a desk does."""


class Seats:
    """`desk`: the hub's address; `port`: its port, which is in its cookie's name; `passwords`:
    user -> password of the demo's people."""

    def __init__(self, desk: str, port: int, passwords: dict[str, str]) -> None:
        self.desk = desk
        self.cookie = f"qianshao-session-{port}"
        self.language_cookie = f"qianshao-language-{port}"
        self.age_s = 2 * SESSION_S
        self.passwords = passwords
        self.colleague = ""  # the session of whoever acted last

    async def is_seated(self, session: str) -> bool:
        """Whether this session is a living one. Raises NoDesk."""
        status, _ = await self._ask("GET", "/", session)
        return status == 200

    async def log_in(self, user: str) -> str:
        """-> a new session of one of the demo's people. Raises NoDesk."""
        form = {"user": user, "password": self.passwords[user]}
        status, reply = await self._ask("POST", "/login", "", data=form)
        if status != 303 or not reply:
            raise NoDesk(f"the desk answered {status} to a login of {user}")
        return str(reply)

    async def act(self, user: str, verb: str, data: dict[str, Any]) -> dict[str, Any]:
        """Do something at the desk as `user` that is about no incident. -> the hub's answer.
        Raises NoDesk."""
        if not self.colleague or not await self.is_seated(self.colleague):
            self.colleague = await self.log_in(user)
        value = {
            "id": secrets.token_hex(16),
            "desk": secrets.token_hex(8),
            "verb": verb,
            "incident": "",
            "data": data,
        }
        headers = {TOKEN_HEADER: token(self.colleague)}
        status, reply = await self._ask(
            "POST", "/api/action", self.colleague, json=value, headers=headers
        )
        if not isinstance(reply, dict):
            raise NoDesk(f"the desk answered {status} to {verb}")
        return reply

    async def _ask(
        self, method: str, path: str, session: str, **more: Any
    ) -> tuple[int, dict[str, Any] | str | None]:
        """-> status, and the JSON or the new session."""
        cookies = {self.cookie: session} if session else {}
        timeout = aiohttp.ClientTimeout(total=ASK_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, cookies=cookies) as client,
                client.request(
                    method, self.desk + path, allow_redirects=False, **more
                ) as response,
            ):
                if response.content_type == "application/json":
                    return response.status, await response.json()
                given = response.cookies.get(self.cookie)
                return response.status, given.value if given else None
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise NoDesk(str(error)) from error
