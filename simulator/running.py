"""Which demos run now, so that `press` finds the newest without being told where it lives.

A demo holds a lock on `demo.lock` in its data folder for as long as it lives, however it ends;
a note beside our other caches says where that folder is.
"""

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from hub.words import Sentence

LOCK = "demo.lock"


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Take the data folder for this demo: the lock is gone afterwards, however it ends. A folder
    in which no demo could begin is not marked as a demo's.

    Raises Sentence when another demo runs there.
    """
    path = data / LOCK
    new = not path.exists()
    with _locked(data, path):
        try:
            yield
        except Sentence:
            if new:
                path.unlink(missing_ok=True)
            raise


def _locked(data: Path, path: Path) -> IO[str]:
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise Sentence(
            f"{data} 里已有一个演示在运行：请先停掉它，或用 --data 换一个目录。",
            f"A demo is already running in {data}: stop it first, or name another --data.",
        ) from None
    return file


def is_held(data: Path) -> bool:
    """Does a demo run there now?"""
    try:
        with (data / LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def announce(data: Path, temporary: bool) -> Path:
    """Note where this demo lives. -> the note, to be removed at its end."""
    note = _notes() / f"{os.getpid()}.json"
    note.write_text(json.dumps({"data": str(data), "temporary": temporary}))
    return note


def newest() -> Path | None:
    """The data folder of the demo that started last and still runs."""
    return next((data for _, data, _ in _read() if is_held(data)), None)


def clear_away() -> None:
    """Remove the notes of demos that were killed, and the temporary folders they left."""
    for note, data, temporary in _read():
        if not is_held(data):
            note.unlink(missing_ok=True)
            if temporary:
                shutil.rmtree(data, ignore_errors=True)


def _read() -> list[tuple[Path, Path, bool]]:
    """(note, data folder, whether it is temporary), the newest first."""
    found = []
    for note in _notes().glob("*.json"):
        try:
            value = json.loads(note.read_text())
            found.append((note.stat().st_mtime_ns, note, Path(value["data"]), value["temporary"]))
        except (OSError, ValueError, KeyError):
            continue  # written or removed at this moment by another demo
    return [(note, data, temporary) for _, note, data, temporary in sorted(found, reverse=True)]


def _notes() -> Path:
    """A folder of this user alone, that outlives neither the machine's start nor a clean-up."""
    places = [os.environ.get("XDG_RUNTIME_DIR"), os.environ.get("XDG_CACHE_HOME")]
    places.append(os.path.expanduser("~/.cache"))  # noqa: PTH111 - stays as it is without a home
    for place in places:
        try:
            if place and Path(place).is_absolute():
                folder = Path(place) / "qianshao" / "demos"
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                if os.access(folder, os.W_OK):
                    return folder
        except OSError:
            continue
    folder = Path(tempfile.gettempdir()) / f"qianshao-demos-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise Sentence(
            f"{folder} 属于别人：请用 XDG_CACHE_HOME 指定自己的缓存目录。",
            f"{folder} is someone else's: name a cache folder of your own in XDG_CACHE_HOME.",
        )
    return folder
