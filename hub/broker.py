"""Mosquitto's files and command: two listeners, each with its own passwords and rules.

Boards speak only under their own id (`pattern %u`, user name = client id); the hub and the
city's systems have a listener of their own. Nothing is kept on its disk: a broker's
acknowledgement promises nothing here.
"""

import base64
import hashlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from hub import debian, home_assistant
from hub.folder import Folder, whole_file
from hub.intake import SELF_TEST
from hub.registry import Registry
from hub.settings import Settings
from protocol.topics import ROOT

CONFIGURATION = "mosquitto.conf"
HUB_USER = "hub"
CITY_USER = "city"
HOME_USER = "home_assistant"
ITERATIONS = 101  # mosquitto_passwd's own figure: these are random 104-bit secrets, not words


@dataclass(frozen=True)
class Ports:
    """Where the broker listens: boards, and hub with subscribers."""

    board: int
    mqtt: int


def write_files(folder: Folder, settings: Settings, registry: Registry, ports: Ports) -> Path:
    """Lay configuration, passwords and rules. -> the configuration's path. Raises OSError."""
    files = folder.broker
    root = f"{ROOT}/{settings.district}"
    boards = {SELF_TEST: folder.board_password(SELF_TEST, 1)}
    for facts in registry.facts():
        boards[facts["id"]] = folder.board_password(facts["id"], facts["key_number"])
    home = settings.home_assistant
    users = (HUB_USER, CITY_USER, *([HOME_USER] if home.enabled else []))
    others = {user: secret(folder, user) for user in users}
    for_hub, for_home = home_assistant.rules(settings.district, home)
    if home.enabled:
        _lay(folder.secrets / HOME_USER, f"{others[HOME_USER]}\n")
    _lay(files / "boards.passwd", _passwords(boards, folder))
    _lay(files / "others.passwd", _passwords(others, folder))
    _lay(
        files / "boards.acl",
        f"pattern write {root}/board/%u/up/#\npattern read {root}/board/%u/down/#\n",
    )
    _lay(
        files / "others.acl",
        f"user {HUB_USER}\ntopic readwrite {root}/#\n{for_hub}\n"
        f"user {CITY_USER}\ntopic read {root}/city/#\ntopic write {root}/city/receipt\n"
        + (f"\nuser {HOME_USER}\n{for_home}" if home.enabled else ""),
    )
    address = settings.broker.address
    configuration = files / CONFIGURATION
    _lay(
        configuration,
        f"""per_listener_settings true
persistence false
set_tcp_nodelay true
allow_anonymous false
message_size_limit 262144
max_queued_messages 100000
max_inflight_messages 1000
pid_file {files}/pid
log_dest stderr
log_type error
log_type warning
connection_messages false
{_user_line()}
listener {ports.board} {address}
use_username_as_clientid true
password_file {files}/boards.passwd
acl_file {files}/boards.acl

listener {ports.mqtt} {address}
password_file {files}/others.passwd
acl_file {files}/others.acl
""",
    )
    return configuration


def _user_line() -> str:
    """Started by root, it stays root: its files are readable by nobody else."""
    return "user root\n" if os.geteuid() == 0 else ""


def _lay(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        whole_file(path, text)


def _passwords(accounts: dict[str, str], folder: Folder) -> str:
    """mosquitto_passwd's `$7$` lines: PBKDF2 with SHA-512. The salt is derived, so that an
    unchanged account keeps its line."""
    lines = []
    for user, password in accounts.items():
        salt = hashlib.sha256(folder.master() + user.encode()).digest()[:12]
        hash_ = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
        text = (base64.b64encode(part).decode() for part in (salt, hash_))
        lines.append(f"{user}:$7${ITERATIONS}${'$'.join(text)}\n")
    return "".join(lines)


def secret(folder: Folder, user: str) -> str:
    """The password of the account `hub`, `city` or `home_assistant`."""
    return folder.secret(f"mqtt {user}")


def command(configuration: Path) -> list[str]:
    """The broker's command line. Raises debian.Missing."""
    return [*debian.mosquitto().argv_prefix, "-c", str(configuration)]


def reload(folder: Folder) -> None:
    """New passwords and rules hold at once; a revoked board's live link is cut. A broker that is
    being started at this moment reads them by itself."""
    try:
        pid = int((folder.broker / "pid").read_text())
        command_line = Path(f"/proc/{pid}/cmdline").read_bytes()
        if os.fsencode(folder.broker / CONFIGURATION) in command_line:  # and not another's pid
            os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError):
        return


def host(settings: Settings) -> str:
    """Where the hub itself reaches the broker."""
    address = settings.broker.address
    return "127.0.0.1" if address in ("0.0.0.0", "::", "") else address
