"""GET /api/city/events: whoever saw a gap in the feed fills it here, with the same events."""

import asyncio
import hmac
from contextlib import closing
from pathlib import Path

from aiohttp import web

from hub import store
from hub.city import feed
from hub.city.publisher import TOPICS

DEFAULT, MOST = 1000, 10_000


def add_route(app: web.Application, ledger: Path, token: str) -> None:
    """`feed` alarm or exercise, `after` a sequence, `limit` 1..10,000 (1,000)."""

    def read(topic: str, after: int, limit: int) -> str:
        with closing(store.connect_reader(ledger)) as reader:
            return "[" + ",\n".join(e for _, e in feed.events(reader, topic, after, limit)) + "]"

    async def events(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(errors="replace"), f"Bearer {token}".encode()):
            return _wrong(401, "this needs the header Authorization: Bearer <the city's token>")
        topic = request.query.get("feed", "alarm")
        if topic not in TOPICS:
            return _wrong(400, f"feed should be one of {', '.join(TOPICS)}, is {topic[:40]!r}")
        try:
            after = _number(request, "after", 0, 0, 1 << 53)
            limit = _number(request, "limit", DEFAULT, 1, MOST)
        except ValueError as error:
            return _wrong(400, str(error))
        # ten thousand events take a while: nobody's alarm waits for it
        text = await asyncio.to_thread(read, topic, after, limit)
        return web.Response(text=text, content_type="application/json")

    app.router.add_get("/api/city/events", events)


def _number(request: web.Request, name: str, default: int, low: int, high: int) -> int:
    text = request.query.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 17 and low <= int(text) <= high):
        raise ValueError(f"{name} should be a whole number {low}..{high}, is {text[:40]!r}")
    return int(text)


def _wrong(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)
