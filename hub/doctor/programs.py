"""The machine: Python, its packages, and the programs that are not Python."""

import importlib.util
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from hub import debian
from hub.doctor.finding import Finding, fine, missing, note

PYTHON_LEAST = (3, 11)
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
BROKER = "mosquitto mosquitto-clients"


def look(home: Path) -> Iterator[Finding]:
    """`home`: the folder of the launcher, its locks and its `.venv`."""
    yield python()
    yield packages(home)
    yield mosquitto()
    yield mosquitto_sub()
    yield micropython()
    yield chromium()


def python() -> Finding:
    """The interpreter that runs this; the launcher has chosen it."""
    what = ("Python", "Python")
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < PYTHON_LEAST:
        return missing(
            what,
            (f"{version} 太旧", f"{version} is too old"),
            ("安装 Python 3.11 或更新版本", "install Python 3.11 or newer"),
        )
    if importlib.util.find_spec("ensurepip") is None and sys.prefix == sys.base_prefix:
        return missing(
            what,
            (f"{version}，没有 venv 模块", f"{version}, without the module venv"),
            ("运行 apt install python3-venv", "run apt install python3-venv"),
        )
    return fine(what, f"{version} {sys.executable}")


def packages(home: Path) -> Finding:
    """`.venv` was finished from just this lock: the launcher lays a copy of it down last."""
    what = ("Python 包", "Python packages")
    venv = home / ".venv"
    step = (
        "接通网络，运行一次 ./qianshao ledger --help：它自动装好",
        "connect the network and run ./qianshao ledger --help once: it installs them",
    )
    try:
        lock = (home / "requirements.txt").read_bytes()
        stamp = venv / "requirements.txt"
        installed = stamp.read_bytes() if stamp.exists() else None
    except OSError as error:
        return missing(what, (f"读不出来：{error}", f"cannot be read: {error}"), step)
    if installed is None:
        return missing(what, ("还没有安装", "not installed yet"), step)
    if installed != lock:
        return missing(
            what, ("与锁文件 requirements.txt 不同", "differ from the lock requirements.txt"), step
        )
    return fine(what, (f"{venv}，与锁文件一致", f"{venv}, as the lock says"))


def mosquitto() -> Finding:
    what = ("Mosquitto", "Mosquitto")
    program = debian.at_hand("mosquitto", BROKER)
    if program is None:
        return missing(
            what,
            ("没有找到，报警没有路进来", "not found: presses have no way in"),
            (
                f"运行 apt install {BROKER}，或接通网络：首次启动会自动取得",
                f"run apt install {BROKER}, or connect the network: the first start fetches it",
            ),
        )
    return fine(what, program.where)


def mosquitto_sub() -> Finding:
    what = ("mosquitto_sub", "mosquitto_sub")
    program = debian.at_hand("mosquitto_sub", BROKER)
    if program is None:
        return note(what, ("没有（只用来旁听）", "not here (only for listening in)"))
    return fine(what, program.where)


def micropython() -> Finding:
    what = ("MicroPython", "MicroPython")
    program = debian.at_hand(
        "micropython", "micropython", good=lambda p: debian.speaks(p, words_of_64=True)
    )
    if program is None:
        return note(
            what,
            (
                "没有（只有演示用到；首次演示会自动取得）",
                "not here (only the demo needs it; its first start fetches it)",
            ),
        )
    return fine(what, program.where)


def chromium() -> Finding:
    what = ("Chromium", "Chromium")
    path = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if path is None:
        return note(what, ("没有（只有测试用到）", "not here (only the tests need it)"))
    return fine(what, path)
