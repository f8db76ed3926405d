"""What people are told, in the receiver's language: one message, unverified, and what to do."""

from datetime import datetime
from typing import Any, NamedTuple

from hub.city.feed import LOCAL
from hub.settings import Settings

LANGUAGES = ("zh", "en")  # of a person; without one Chinese


class About(NamedTuple):
    """Beside the incident. `why`: untaken or nobody_listening; `round`: which time all the ways
    are gone through, from 1; `others`: how many more incidents wait for the same person."""

    why: str
    round: int = 1
    others: int = 0


def message(incident: Any, settings: Settings, about: About, language: str = "zh") -> str:
    """Nothing of silent duress may lead to a call to the site: no contact is named."""
    write = _english if language == "en" else _chinese
    since = datetime.fromtimestamp(incident["since_wall"] // 1000, LOCAL)
    contact = incident["contact"] if incident["kind"] != "duress" else ""
    return write(incident, settings, about, f"{since:%H:%M}", contact)


def _where(incident: Any) -> str:
    return f"{incident['site_name']} {incident['place']}".rstrip()


def _chinese(incident: Any, settings: Settings, about: About, since: str, contact: str) -> str:
    kind = {"alarm": "报警", "duress": "静默求助（切勿回拨现场）"}[incident["kind"]]
    state = "值班室无人在席" if about.why == "nobody_listening" else "超时未受理"
    return "".join(
        (
            "【模拟】" if incident["simulated"] else "",
            f"【第 {about.round} 遍】" if about.round > 1 else "",
            f"{settings.name}：{_where(incident)}（{incident['street']}）{since} {kind}",
            f"，再次按下 ×{incident['presses']}" if incident["presses"] > 1 else "",
            f"，未核实，{state}。",
            f"另有 {about.others} 起无人受理。" if about.others else "",
            f"现场联系人 {contact}。" if contact else "",
            f"请即与值班室联系{' ' + settings.duty_phone if settings.duty_phone else ''}。",
        )
    )


def _english(incident: Any, settings: Settings, about: About, since: str, contact: str) -> str:
    kind = {"alarm": "alarm", "duress": "silent duress (do NOT call the site back)"}
    nobody = "nobody is at the duty desk" if about.why == "nobody_listening" else "untaken"
    return "".join(
        (
            "[Simulated] " if incident["simulated"] else "",
            f"[Told again, {about.round}] " if about.round > 1 else "",
            f"{settings.name}: {_where(incident)} ({incident['street']}), ",
            f"{kind[incident['kind']]} at {since}",
            f", pressed again ×{incident['presses']}" if incident["presses"] > 1 else "",
            f", unverified, {nobody}. ",
            f"Another {about.others} untaken. " if about.others else "",
            f"Contact on site: {contact}. " if contact else "",
            "Contact the duty room at once",
            f": {settings.duty_phone}." if settings.duty_phone else ".",
        )
    )
