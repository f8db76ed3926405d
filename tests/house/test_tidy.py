"""The tree itself: names, sizes, addresses and words that must not be in it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("boards", "firmware", "hub", "protocol", "simulator", "tests")
TOP = {
    *ROOMS,
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "LICENSE",
    "README.md",
    "package-lock.json",
    "package.json",
    "pyproject.toml",
    "qianshao",
    "requirements-test.txt",
    "requirements.txt",
}
LOCKS = {"package-lock.json", "requirements-test.txt", "requirements.txt"}
WRITTEN = {"", ".css", ".html", ".js", ".md", ".py", ".pyi", ".sh", ".toml"}
MOST_LINES = 500
MOST_BYTES = 200_000
# a letter of each stands in brackets, or this file would be its own finding
REGISTRIES = re.compile(r"(pyp[i]|pythonhoste[d]|npmj[s]|npmmirro[r]|yarnpk[g]|deb[.]debian)\.\w+")
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K]|NotImplementedErro[r])\b|(待|暂未)[实]现")


@pytest.fixture(scope="module")
def files() -> list[str]:
    """Every committed file that is still there, as git names it."""
    # whoever runs the tests need not be the owner of the checkout
    command = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git or its history is not here")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def texts(files: list[str]) -> Iterator[tuple[str, str]]:
    for name in files:
        if Path(name).suffix in WRITTEN and name not in LOCKS:
            yield name, (ROOT / name).read_text("utf-8")


def found(files: list[str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{number}: {line.strip()}"
        for name, text in texts(files)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_only_agreed_entries_at_the_top(files: list[str]) -> None:
    assert {name.split("/")[0] for name in files} - TOP == set()


def test_nothing_on_a_board_hides_a_standard_module(files: list[str]) -> None:
    standard = sys.stdlib_module_names | {"micropython", "uasyncio"}
    hiding = [
        name
        for name in files
        if name.startswith(("boards/", "firmware/", "protocol/")) and Path(name).suffix == ".py"
        if Path(name).stem in standard
    ]
    assert hiding == []


def test_every_room_has_a_readme() -> None:
    assert [room for room in ROOMS if not (ROOT / room / "README.md").is_file()] == []


def test_no_file_is_two_things(files: list[str]) -> None:
    lines = {name: text.count("\n") for name, text in texts(files)}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_no_file_is_large(files: list[str]) -> None:
    sizes = {name: (ROOT / name).stat().st_size for name in files}
    assert {name: size for name, size in sizes.items() if size > MOST_BYTES} == {}


def test_no_package_registry_is_named(files: list[str]) -> None:
    assert found(files, REGISTRIES) == []


@pytest.mark.parametrize("name", sorted(LOCKS))
def test_a_lock_holds_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text("utf-8")


def test_nothing_unfinished(files: list[str]) -> None:
    assert found(files, UNFINISHED) == []
