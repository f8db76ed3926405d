"""The data folder: everything of one duty room, and nothing else of ours anywhere.

qianshao.toml, registry.json, ledger.db, working.db, head, secrets/ (0600), broker/, boards/.
"""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import socket
import time
from pathlib import Path
from typing import IO

from hub import settings
from hub.settings import Settings
from hub.words import Sentence, words
from protocol.topics import is_id

HUB_LOCK = "hub.lock"  # one hub on a folder
RUN_LOCK = "run.lock"  # one that starts its broker and hub
MASTER_BYTES = 32
PORTS = range(10_240, 32_768)  # below those that systems give to outgoing connections


def default_folder() -> Path:
    """`$XDG_DATA_HOME/qianshao`."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "qianshao"


class Folder:
    """One data folder. Raises Sentence when it cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.toml = self.path / "qianshao.toml"
        self.registry = self.path / "registry.json"
        self.ledger = self.path / "ledger.db"
        self.working = self.path / "working.db"
        self.head = self.path / "head"
        self.damaged = self.path / "damaged"
        self.broker = self.path / "broker"
        self.boards = self.path / "boards"
        self.secrets = self.path / "secrets"

    def exists(self) -> bool:
        """Whether it is a data folder already. Raises Sentence when that cannot be seen, or it
        is no folder."""
        try:
            if self.path.is_file():
                raise self._file()
            return self.toml.exists()
        except OSError as error:
            raise self._unusable(error) from error

    def create(self, district: str, name: str, duty_phone: str = "") -> None:
        """Lay a new folder; what is there already stays. Raises Sentence."""
        if not is_id(district):
            raise Sentence(
                f"区名 {district!r} 应为 3 到 32 个 a-z、0-9 或 -。",
                f"The district {district!r} should be 3 to 32 of a-z, 0-9 and -.",
            )
        if not name.strip():
            raise Sentence("值班室要有名称：--name 南山区值班室。", "A duty room needs a --name.")
        self.lay()
        text = json.dumps(name, ensure_ascii=False)
        phone = json.dumps(duty_phone, ensure_ascii=False)
        try:
            if not self.toml.exists():
                whole_file(
                    self.toml, f'district = "{district}"\nname = {text}\nduty_phone = {phone}\n'
                )
        except OSError as error:
            raise self._unusable(error) from error

    def unmake(self) -> None:
        """What `create` and the first logins laid, of a hub that never began; nothing of one that
        did. Nobody else may be at it."""
        if not self.ledger.exists():
            for each in (self.toml, *_with_own(self.working)):
                each.unlink(missing_ok=True)

    def make(self) -> None:
        """The folder itself, empty where it is new. Raises Sentence."""
        try:
            if self.path.is_file():
                raise self._file()
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def lay(self) -> None:
        """The folders in it and, of a new one, the master secret; what is there already stays.
        Raises Sentence."""
        self.make()
        try:
            for each in (self.secrets, self.broker, self.boards):
                each.mkdir(mode=0o700, exist_ok=True)
            if not (self.toml.exists() and (self.ledger.exists() or self.head.exists())):
                self._draw_master()
        except OSError as error:
            raise self._unusable(error) from error
        self.master()

    def _file(self) -> Sentence:
        return Sentence(
            f"{self.path} 是一个文件，不是目录：请换一个目录。",
            f"{self.path} is a file, not a folder: name another one.",
        )

    def _unusable(self, error: Exception) -> Sentence:
        why = getattr(error, "strerror", None) or str(error)
        return Sentence(
            f"目录 {self.path} 不能使用：{why}。请换一个目录或修改权限。",
            f"The folder {self.path} cannot be used: {why}. Name another one, or mend its"
            " permissions.",
        )

    def settings(self) -> Settings:
        """Raises Sentence."""
        if not self.exists():
            raise Sentence(
                f"{self.path} 不是前哨的数据目录（没有 qianshao.toml）。",
                f"{self.path} is no data folder of ours: it has no qianshao.toml.",
            )
        return settings.load(self.toml)

    def lock(self, name: str = HUB_LOCK) -> IO[str]:
        """Hold the folder for one process; gone when the returned file is closed. Raises
        Sentence."""
        try:
            file = (self.path / name).open("a+")
        except OSError as error:
            raise self._unusable(error) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            raise Sentence(
                f"{self.path} 上已有一台值班主机在运行：请先停掉它，或用 --data 换一个目录。",
                f"Another hub runs on {self.path}: stop it first, or name another --data.",
            ) from None
        return file

    # --- the ledger's last row on record, and a ledger that serves no more ------------------

    def last_row(self) -> tuple[int, str]:
        """(number, hash in hex) of a row that once was the last; (0, "") without a head file.
        Raises OSError, ValueError."""
        if not self.head.exists():
            return 0, ""
        try:
            number, hash_ = self.head.read_text().split()
            return int(number), hash_
        except ValueError:
            raise ValueError(words("不是“行号 哈希”", "it is no “number hash”")) from None

    def set_aside(self, wall: int, *files: Path) -> Path:
        """Move files of ours, databases with what SQLite keeps beside them, as they are to
        `damaged/<time>/`. -> that folder.

        Linked first and taken out then: a power cut leaves a file in both places or in one.
        Raises OSError.
        """
        name = time.strftime("%Y%m%d-%H%M%S", time.gmtime(wall / 1000 + 8 * 3600))
        aside = self.damaged / name
        for number in range(2, 100):
            if not aside.exists():
                break
            aside = self.damaged / f"{name}-{number}"
        aside.mkdir(parents=True)
        moved = [each for file in files for each in _with_own(file) if each.exists()]
        for each in moved:
            (aside / each.name).hardlink_to(each)
        sync_folder(aside)
        for each in moved:
            each.unlink()
        sync_folder(self.path)
        return aside

    # --- secrets: one master, everything else is derived from it ---------------------------

    def _draw_master(self) -> None:
        """32 random bytes, once. Raises OSError."""
        path = self.secrets / "master"
        if not path.exists():
            new = whole_file(
                self.secrets / f"master.{secrets.token_hex(4)}", secrets.token_hex(MASTER_BYTES)
            )
            with contextlib.suppress(FileExistsError):  # another process was first: that one holds
                path.hardlink_to(new)
            new.unlink()

    def master(self) -> bytes:
        """Raises Sentence: another one, drawn in silence, would shut out every board."""
        path = self.secrets / "master"
        try:
            found = bytes.fromhex(path.read_text())
        except (OSError, ValueError):
            found = b""
        if len(found) != MASTER_BYTES:
            raise Sentence(
                f"{path} 不见了或不完整：请从备份恢复。没有备份，就换一个（openssl rand -hex 32 >"
                f" {path}），并把每台终端重新登记。",
                f"{path} is gone or not whole: restore it from a backup. Without one, draw another"
                f" by openssl rand -hex 32 > {path} and enrol every board anew.",
            )
        return found

    def secret(self, purpose: str) -> str:
        """26 lower-case characters for an account, a token, a board and its key's number."""
        digest = hmac.new(self.master(), purpose.encode(), hashlib.sha256).hexdigest()
        return digest[:26]

    def board_password(self, board: str, key_number: int) -> str:
        """Revoking a board is raising its key's number."""
        return self.secret(f"board {board} {key_number}")

    # --- ports: a free one is chosen once and kept ------------------------------------------

    def ports(self, wanted: dict[str, int]) -> dict[str, int]:
        """A port for each name: the wanted one, else the one kept from last time, else a free
        one. Boards and people have been told a kept one, so it is never quietly another.

        Raises Sentence when one is taken.
        """
        path = self.path / "ports.json"
        try:
            kept = {name: int(port) for name, port in json.loads(path.read_text()).items()}
        except (OSError, ValueError, AttributeError, TypeError):
            kept = {}
        chosen = {name: port or kept.get(name, 0) for name, port in wanted.items()}
        for name, port in chosen.items():
            if not port:
                chosen[name] = free_port({*chosen.values(), *kept.values()})
            elif not is_free(port) or list(chosen.values()).count(port) > 1:
                raise Sentence(
                    f"端口 {port} 已被占用：请停掉占用它的程序，或换一个端口。",
                    f"Port {port} is taken: stop what holds it, or choose another port.",
                )
        try:
            whole_file(path, json.dumps({**kept, **chosen}))
        except OSError as error:
            raise self._unusable(error) from error
        return chosen

    def kept_ports(self) -> dict[str, int]:
        """What was chosen when the broker's files were written. Raises Sentence."""
        try:
            kept: dict[str, int] = json.loads((self.path / "ports.json").read_text())
            return {name: kept[name] for name in ("web", "mqtt", "board")}
        except (OSError, ValueError, KeyError) as error:
            raise Sentence(
                f"{self.path} 里没有端口记录：请先不带 --broker external 启动一次。",
                f"No ports are kept in {self.path}: start once without --broker external.",
            ) from error


def _with_own(file: Path) -> list[Path]:
    """A database, and what SQLite keeps beside it."""
    return [file.with_name(file.name + end) for end in ("", "-wal", "-shm")]


def is_free(port: int) -> bool:
    """Whether a listener on loopback could have it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port(taken: set[int]) -> int:
    """One that nobody has now, none of `taken`."""
    while True:
        port = secrets.choice(PORTS)
        if port not in taken and is_free(port):
            return port


def whole_file(path: Path, text: str) -> Path:
    """Write `path`, for its owner only, whole or not at all. Raises OSError."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)
    return path


def sync_folder(path: Path) -> None:
    """What names the folder holds outlives a power cut from here. Raises OSError."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
