"""Programs that are not Python packages: on PATH, else Debian's own packages unpacked privately.

Nothing is installed: apt checks the signatures and downloads, dpkg unpacks into a cache folder,
and the program runs under the loader and libraries that lie beside it. No root is needed.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from hub.words import Sentence, words

SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
# Debian's architecture -> (folder of its libraries, its loader)
LOADERS = {
    "amd64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "arm64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
    "i386": ("i386-linux-gnu", "ld-linux.so.2"),
}
RUNS = {"amd64": ("amd64", "i386"), "arm64": ("arm64",), "i386": ("i386",)}
MICROPYTHON_LEAST = (1, 22)
VERSION = "import sys; print('%d %d' % sys.implementation[1][:2], sys.maxsize > 2**32)"


@dataclass(frozen=True)
class Program:
    """`argv_prefix` + arguments is one process, which gets its signals itself.

    `where` is what a person types for it in a shell.
    """

    argv_prefix: tuple[str, ...]
    where: str


class Missing(Sentence):
    """What is missing, why, and what to install."""


def mosquitto() -> Program:
    """The broker. Raises Missing."""
    return find("mosquitto", "mosquitto mosquitto-clients", (None, "trixie", "forky", "sid"))


def mosquitto_sub() -> Program:
    """The broker's own subscriber, unpacked with it. Raises Missing."""
    return find("mosquitto_sub", "mosquitto mosquitto-clients", (None, "trixie", "forky", "sid"))


def micropython() -> Program:
    """MicroPython's unix port, 1.22 or newer, 64-bit words. Raises Missing."""
    suites = ("trixie", "forky", "sid", None)
    return find("micropython", "micropython", suites, good=lambda p: speaks(p, words_of_64=True))


def micropython32() -> Program:
    """The same on 32-bit words, as on a microcontroller. Raises Missing."""
    suites = ("forky", "sid", "trixie")
    return find(
        "micropython",
        "micropython",
        suites,
        "i386",
        good=lambda p: speaks(p, words_of_64=False),
    )


def find(
    name: str,
    package: str,
    suites: Sequence[str | None],
    architecture: str | None = None,
    good: Callable[[Program], bool] = lambda program: True,
) -> Program:
    """The program `name`: on PATH, else in the cache, else unpacked from `package`.

    `package` may be several, separated by spaces. The `suites` are tried in turn (one may be in
    the middle of a mirror's update); None is the system's own sources. With an `architecture`
    PATH is not asked. What is not `good` is passed over. Raises Missing.
    """
    if architecture is None and (program := _on_path(name, good)):
        return program
    own = _own_architecture(name)
    wanted = architecture or own
    if wanted not in RUNS.get(own, ()):
        raise Missing(
            f"没有找到 {name}；{own} 机器上不能运行 {wanted} 的软件包。",
            f"{name} was not found, and an {own} machine cannot run packages of {wanted}.",
        )
    folder = _cache() / (package.split()[0] + (f"-{architecture}" if architecture else ""))
    reasons = []
    try:
        with _alone(folder):
            program = _unpacked(folder, name, wanted)
            if program and good(program):
                return program
            for suite in suites:
                line = words(
                    f"正在取得 {package}（Debian {suite or '本机源'}，{wanted}），只此一次……",
                    f"Fetching {package} (Debian {suite or 'as set up here'}, {wanted}), once ...",
                )
                print(line, file=sys.stderr, flush=True)
                reason = _unpack(folder, package.split(), suite, wanted)
                program = None if reason else _unpacked(folder, name, wanted)
                if program and good(program):
                    return program
                reasons.append(f"{suite or 'apt'}: {reason or 'too old, or does not run here'}")
    except OSError as error:
        reasons.append(str(error))
    why = "; ".join(reasons)
    foreign = f":{architecture}" if architecture else ""
    install = "apt install " + " ".join(part + foreign for part in package.split())
    raise Missing(
        f"没有找到 {name}，也没能取得 Debian 软件包（{why}）：请运行 {install}，或接通网络再试。",
        f"{name} was not found, and Debian's package could not be unpacked ({why}): "
        f"run {install}, or connect the network and try again.",
    )


def at_hand(
    name: str, package: str, good: Callable[[Program], bool] = lambda program: True
) -> Program | None:
    """What `find` would take without fetching anything."""
    try:
        folder = _cache() / package.split()[0]
        found = _on_path(name, good) or _unpacked(folder, name, _own_architecture(name))
    except (OSError, Missing, KeyError):
        return None
    return found if found and good(found) else None


def _on_path(name: str, good: Callable[[Program], bool]) -> Program | None:
    path = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *SBIN]))
    return Program((path,), path) if path and good(Program((path,), path)) else None


def _own_architecture(name: str) -> str:
    """What this Debian runs. Raises Missing where there is no Debian."""
    if shutil.which("apt-get") and shutil.which("dpkg"):
        return _run(["dpkg", "--print-architecture"]).strip()
    raise Missing(
        f"没有找到 {name}，而这不是 Debian 系统：请用本系统的方式安装它，并使它在 PATH 上。",
        f"{name} was not found, and this is not a Debian system: install it in this system's "
        "own way, so that it is on PATH.",
    )


def _cache() -> Path:
    """Our cache folder; in the temporary folder when the home folder takes no writing."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        cache = Path(base) / "qianshao"
        cache.mkdir(parents=True, exist_ok=True)
        if os.access(cache, os.W_OK):
            return cache
    except (OSError, RuntimeError):
        pass  # no home folder, or not ours to write in
    cache = Path(tempfile.gettempdir()) / f"qianshao-{os.getuid()}"
    try:
        cache.mkdir(mode=0o700, exist_ok=True)
        ours = cache.lstat().st_uid == os.getuid() and not cache.is_symlink()
    except OSError as error:
        raise Missing(
            f"没有可写的缓存目录（{error}）：请用 XDG_CACHE_HOME 指定一个。",
            f"There is no cache folder to write in ({error}): name one in XDG_CACHE_HOME.",
        ) from error
    if not ours:
        raise Missing(
            f"{cache} 属于别人，其中的程序不可信：请用 XDG_CACHE_HOME 指定自己的缓存目录。",
            f"{cache} is someone else's and its programs are not to be trusted: "
            "name a cache folder of your own in XDG_CACHE_HOME.",
        )
    return cache


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Only one process at a time unpacks into `folder`."""
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpacked(folder: Path, name: str, architecture: str) -> Program | None:
    """The program in an unpacked tree, run by the loader of that tree."""
    triplet, loader_name = LOADERS[architecture]
    places = [folder / place / name for place in ("usr/bin", "usr/sbin", "bin", "sbin")]
    program = next((place for place in places if place.is_file()), None)
    libraries = [folder / "lib" / triplet, folder / "usr/lib" / triplet]
    loader = next((d / loader_name for d in libraries if (d / loader_name).exists()), None)
    if program is None or loader is None:
        return None
    path = ":".join(map(str, libraries))
    prefix = (str(loader), "--library-path", path, str(program))
    return Program(prefix, str(_command(folder, prefix)))


def _command(folder: Path, prefix: tuple[str, ...]) -> Path:
    """A file that a person can run in a shell: the program alone would miss its libraries."""
    command = folder / "run" / Path(prefix[-1]).name
    text = f'#!/bin/sh\nexec {shlex.join(prefix)} "$@"\n'
    if not command.exists() or command.read_text() != text:
        command.parent.mkdir(exist_ok=True)
        command.write_text(text)
        command.chmod(0o755)
    return command


def _unpack(folder: Path, packages: list[str], suite: str | None, architecture: str) -> str:
    """Fills `folder`, whole or not at all. Returns why it could not, or ''."""
    work = folder.with_name(folder.name + ".new")
    try:
        shutil.rmtree(work, ignore_errors=True)
        for part in ("lists/partial", "cache/archives/partial", "tree"):
            (work / part).mkdir(parents=True)
        (work / "status").touch()  # as if nothing were installed: every library comes along
        _download(work, packages, suite, architecture)
        for deb in sorted((work / "cache/archives").glob("*.deb")):
            _run(["dpkg", "-x", str(deb), str(work / "tree")])
        shutil.rmtree(folder, ignore_errors=True)
        (work / "tree").rename(folder)
    except subprocess.CalledProcessError as error:
        lines = [line.strip() for line in error.stderr.splitlines() if line.strip()]
        return lines[-1] if lines else f"{error.cmd[0]} ended with {error.returncode}"
    except OSError as error:
        return str(error)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return ""


def _download(work: Path, packages: list[str], suite: str | None, architecture: str) -> None:
    """`packages` and all they need into `work`/cache/archives, signatures checked by apt."""
    options = {
        "APT::Architecture": architecture,
        "APT::Architectures": architecture,
        "APT::Install-Recommends": "0",
        "APT::Sandbox::User": "root",  # apt's own user could not write in a private folder
        "Acquire::By-Hash": "force",
        "Acquire::CompressionTypes::Order::": "gz",
        "Acquire::Languages": "none",
        "Acquire::Retries": "1",
        "Debug::NoLocking": "1",
        "Dir::Cache": str(work / "cache"),
        "Dir::State::lists": str(work / "lists"),
        "Dir::State::status": str(work / "status"),
    }
    if suite:
        sources = work / "sources.list"
        sources.write_text(
            f"deb [arch={architecture} signed-by={KEYRING}] {_site()} {suite} main\n"
        )
        options |= {"Dir::Etc::SourceList": str(sources), "Dir::Etc::SourceParts": "-"}
    apt = ["apt-get", "-qq"]
    for name, value in options.items():
        apt += ["-o", f"{name}={value}"]
    # one source of several may fail here; whether ours came is told by the download
    subprocess.run(
        [*apt, "update"], stdin=subprocess.DEVNULL, capture_output=True, check=False, env=_env()
    )
    _run([*apt, "-y", "--download-only", "install", *packages])


def _site() -> str:
    """The mirror that this system takes its packages from."""
    targets = ["apt-get", "indextargets", "--format", "$(SITE)", "Identifier: Packages"]
    sites = sorted({site for site in _run(targets).splitlines() if "security" not in site})
    if not sites:
        raise OSError("apt has no package source set up")
    return sites[0]


def _env() -> dict[str, str]:
    return {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}


def _run(command: list[str]) -> str:
    """Its output. Raises CalledProcessError with what it said."""
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, env=_env()
    )
    return done.stdout


def speaks(program: Program, *, words_of_64: bool) -> bool:
    """Is it a MicroPython that is new enough and has words of that size?"""
    try:
        done = subprocess.run(
            [*program.argv_prefix, "-c", VERSION],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
        major, minor, wide = done.stdout.split()
    except (OSError, ValueError, subprocess.SubprocessError):
        return False
    return (int(major), int(minor)) >= MICROPYTHON_LEAST and (wide == "True") is words_of_64
