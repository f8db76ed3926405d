"""Who may go where: one table of routes and roles, denied by default, and what every request must
show before a handler sees it."""

import hmac
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from hub.desk.accounts import Account, Accounts, TooManyTries, token
from hub.desk.pages import Viewer, render
from hub.desk.roles import ADMINISTRATOR, ANYONE, AUDITS, REPAIRS, SEATED, WORKS
from hub.desk.sessions import SESSION_S
from hub.desk.words import preferred, teller

# the city's refill asks for its own token in its handler
ROUTES: dict[tuple[str, str], frozenset[str]] = {
    ("GET", "/"): SEATED,
    ("GET", "/login"): ANYONE,
    ("GET", "/duty"): SEATED,
    ("POST", "/duty"): REPAIRS,  # and what each verb asks for
    ("POST", "/login"): ANYONE,
    ("POST", "/logout"): SEATED,
    ("POST", "/language"): ANYONE,
    ("GET", "/pane"): SEATED,
    ("GET", "/wall"): SEATED,
    ("GET", "/leader"): SEATED - {"street"},
    ("GET", "/events"): SEATED,
    ("GET", "/who"): SEATED,
    ("POST", "/who"): WORKS | REPAIRS,
    ("POST", "/api/action"): WORKS | REPAIRS,  # and what each verb asks for
    ("POST", "/api/here"): SEATED,
    ("POST", "/api/post"): WORKS,
    ("GET", "/admin"): ADMINISTRATOR,
    ("POST", "/admin"): ADMINISTRATOR,
    ("GET", "/setup"): ADMINISTRATOR,
    ("POST", "/setup"): ADMINISTRATOR,
    ("GET", "/setup/sample.csv"): ADMINISTRATOR,
    ("GET", "/admin/sites"): ADMINISTRATOR,
    ("POST", "/admin/sites"): ADMINISTRATOR,
    ("GET", "/admin/boards"): ADMINISTRATOR,
    ("POST", "/admin/boards"): ADMINISTRATOR,
    ("GET", "/admin/people"): ADMINISTRATOR,
    ("POST", "/admin/people"): ADMINISTRATOR,
    ("GET", "/admin/users"): ADMINISTRATOR,
    ("POST", "/admin/users"): ADMINISTRATOR,
    ("GET", "/admin/changes"): ADMINISTRATOR,
    ("POST", "/admin/changes"): ADMINISTRATOR,
    ("GET", "/admin/settings"): ADMINISTRATOR,
    ("POST", "/admin/settings"): ADMINISTRATOR,
    ("GET", "/ledger"): AUDITS,
    ("POST", "/ledger"): AUDITS,
    ("GET", "/ledger/export"): AUDITS,
    ("GET", "/static/{name}"): ANYONE,
    ("GET", "/api/city/events"): ANYONE,
}
# where two share a PC, all else that is not a GET asks by PIN which of them it is
UNSIGNED = frozenset({"/login", "/logout", "/language", "/api/here", "/api/post"})
SAYS_ITSELF = frozenset({"/duty", "/who"})  # its answer to a wrong PIN keeps what was typed
UPLOADS = {"/setup": 1 << 20}  # bytes of a body; elsewhere as the application says
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
PROGRAMS = ("/api/", "/events", "/pane")  # they get a status; a person gets the login page
TOKEN_HEADER = "X-Qianshao-Token"
PIN_HEADER = "X-Qianshao-Pin"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # no-referrer would turn a form's Origin into null
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "qianshao",
}

VIEWER = web.RequestKey("viewer", Viewer)
SESSION = web.RequestKey("session", str)
UNKNOWN_HAND = web.RequestKey("unknown_hand", str)  # why nobody knows which of two acts
LANGUAGE = web.RequestKey("language", str)


def cookie_name(request: web.BaseRequest, what: str) -> str:
    """Cookies ignore ports: two hubs of one host must not overwrite each other's."""
    transport = request.transport
    port = transport.get_extra_info("sockname")[1] if transport else 0
    return f"qianshao-{what}-{port}"


def refuse(status: int, sentence: str) -> web.Response:
    """`{"error": sentence}`."""
    return web.json_response({"error": sentence}, status=status)


def _refused(request: web.Request, status: int, sentence: str, back: str = "/") -> web.Response:
    """For a person who has followed a link or sent a form, a page with the way back."""
    if "text/html" not in request.headers.get("Accept", ""):
        return refuse(status, sentence)
    html = render("refused.html", request[LANGUAGE], sentence=sentence, back=back)
    return web.Response(status=status, text=html, content_type="text/html")


def headers(framed_by: str = "") -> dict[str, str]:
    """Of every answer, streams and errors too; `framed_by`: the one origin that may frame it."""
    if not framed_by:
        return HEADERS
    framed = dict(HEADERS)
    del framed["X-Frame-Options"]  # it can name no origin; the policy below is what counts
    policy = framed["Content-Security-Policy"]
    framed["Content-Security-Policy"] = policy.replace(
        "frame-ancestors 'none'", f"frame-ancestors {framed_by}"
    )
    return framed


def gate(accounts: Accounts) -> Middleware:
    """The one middleware."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        language = request[LANGUAGE] = preferred(
            request.cookies.get(cookie_name(request, "language")),
            request.headers.get("Accept-Language"),
        )
        try:
            return await admitted(request, handler, language)
        except web.HTTPRequestEntityTooLarge:
            say, upload = teller(language), request.path in UPLOADS
            sentence = say("fault.too_large" if upload else "refused.too_large")
            return _refused(request, 413, sentence, request.path if upload else "/")

    async def admitted(
        request: web.Request, handler: Handler, language: str
    ) -> web.StreamResponse:
        say = teller(language)
        resource = request.match_info.route.resource
        path = resource.canonical if resource else request.path
        method = "GET" if request.method == "HEAD" else request.method
        if method == "POST" and path in UPLOADS:
            request = request.clone(client_max_size=UPLOADS[path])
        allowed = ROUTES.get((method, path), frozenset())
        session = request.cookies.get(cookie_name(request, "session"), "")
        people = accounts.at(session) if session else []
        account, second = people[0] if people else None, people[1:]
        if account:
            request[SESSION] = session
            request[VIEWER] = Viewer(account, language, second[0].name if second else "")
        if method != "GET" and not _of_this_origin(request):
            return _refused(request, 403, say("refused.origin"))
        if allowed != ANYONE:
            problem = await _problem(request, method, account, allowed)
            if problem == "login" and method == "GET" and not path.startswith(PROGRAMS):
                raise web.HTTPSeeOther("/login")
            if problem:
                status = 401 if problem == "login" else 403
                return _refused(request, status, say(f"refused.{problem}"))
        if second and method != "GET" and path not in UNSIGNED:
            why = await _sign(request, accounts)
            if why and path not in SAYS_ITSELF:
                return web.json_response({"error": why, "code": "pin"}, status=403)
            request[UNKNOWN_HAND] = why
        if resource is None:
            return _refused(request, 404, say("refused.none"))
        return await handler(request)

    return middleware


async def _problem(
    request: web.Request, method: str, account: Account | None, allowed: frozenset[str]
) -> str:
    """What keeps this request out: `login`, `token`, `role`, or nothing."""
    if account is None:
        return "login"
    if method != "GET":
        given = request.headers.get(TOKEN_HEADER) or await _field(request, "token")
        if not hmac.compare_digest(given.encode(), token(request[SESSION]).encode()):
            return "token"
    known = request.match_info.route.resource is not None
    return "role" if known and account.role not in allowed else ""


async def _sign(request: web.Request, accounts: Accounts) -> str:
    """The request is of whose PIN it carries. -> why it is nobody's, or nothing."""
    viewer = request[VIEWER]
    say = teller(viewer.language)
    pin = request.headers.get(PIN_HEADER) or await _field(request, "pin")
    try:
        who = await accounts.who_acts(request[SESSION], pin, request.remote or "")
    except TooManyTries as many:
        return say("refused.pins", minutes=-(-many.wait_s // 60))
    if who is None:
        return say("refused.pin" if pin else "refused.no_pin")
    request[VIEWER] = viewer._replace(account=who)
    return ""


def keep(request: web.Request, response: web.StreamResponse, session: str) -> None:
    """The browser's cookie of a session."""
    response.set_cookie(
        cookie_name(request, "session"),
        session,
        max_age=2 * SESSION_S,  # the table, not the browser, ends a session
        httponly=True,
        samesite="Strict",
        secure=request.secure,
    )


async def _field(request: web.Request, name: str) -> str:
    """What a page that works without script sends: a field of its form."""
    if request.content_type not in FORMS:
        return ""
    try:
        return str((await request.post()).get(name, ""))
    except ValueError:  # no form after all
        return ""


def _of_this_origin(request: web.Request) -> bool:
    """Browsers send Origin with every POST, and Sec-Fetch-Site where the address is trusted."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    here = origin is None or urlsplit(origin).netloc == request.host
    return here and site in ("same-origin", "none")
