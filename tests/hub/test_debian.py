"""Programs that are not Python packages: where they are looked for, and what is said without."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from hub import debian

on_debian = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("dpkg")), reason="no apt-get and dpkg here"
)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(debian, "SBIN", ())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


def put(folder: Path, name: str, script: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("#!/bin/sh\n" + script + "\n")
    (folder / name).chmod(0o755)


def put_apt(path: Path, update: str) -> None:
    """An apt-get that downloads one package, and a dpkg that unpacks a program from it."""
    put(
        path,
        "apt-get",
        f"""PATH=/usr/bin:/bin
for word; do case $word in Dir::Cache=*) cache=${{word#*=}} ;; esac; done
case "$*" in
  *indextargets*) echo http://mirror.invalid/debian ;;
  *update*) {update} ;;
  *install*) touch "$cache/archives/thing.deb" ;;
esac""",
    )
    put(
        path,
        "dpkg",
        """PATH=/usr/bin:/bin
[ "$1" = -x ] || { echo amd64; exit; }
mkdir -p "$3/usr/bin" "$3/usr/lib/x86_64-linux-gnu"
echo program > "$3/usr/bin/thing"
echo loader > "$3/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2\"""",
    )


def test_on_path_first(path: Path) -> None:
    put(path, "thing", "")
    assert debian.find("thing", "thing", ()) == debian.Program(
        (str(path / "thing"),), str(path / "thing")
    )


def test_also_where_only_root_looks(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(path / "sbin", "thing", "")
    monkeypatch.setattr(debian, "SBIN", (str(path / "sbin"),))
    assert debian.find("thing", "thing", ()).where == str(path / "sbin" / "thing")


def test_no_debian_gets_a_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(debian.Missing, match="thing was not found, and this is not a Debian"):
        debian.find("thing", "thing", (None,))
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    with pytest.raises(debian.Missing, match="没有找到 thing"):
        debian.find("thing", "thing", (None,))


def test_unpacked_once_whole_and_run_by_its_own_loader(path: Path, tmp_path: Path) -> None:
    put_apt(path, "true")
    program = debian.find("thing", "thing", (None,))
    folder = tmp_path / "cache" / "qianshao" / "thing"
    assert program.argv_prefix[0] == str(folder / "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
    assert program.argv_prefix[-1] == str(folder / "usr/bin/thing")
    assert program.where == str(folder / "run" / "thing")
    (path / "apt-get").write_text("#!/bin/sh\nexit 1\n")
    assert debian.find("thing", "thing", (None,)) == program
    assert sorted(entry.name for entry in folder.parent.iterdir()) == ["thing", "thing.lock"]


def test_the_next_suite_when_one_fails(path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put_apt(path, "true")
    good = iter([False, True])
    debian.find("thing", "thing", ("one", "two"), good=lambda program: next(good))
    assert "Debian one" in (said := capfd.readouterr().err)
    assert "Debian two" in said


def test_failure_says_why_and_what_to_install(path: Path, tmp_path: Path) -> None:
    put_apt(path, "true")
    put(path, "apt-get", 'echo "E: Unable to locate package thing" >&2; exit 100')
    with pytest.raises(debian.Missing, match=r"Unable to locate.*run apt install thing,"):
        debian.find("thing", "thing", (None,))
    assert [entry.name for entry in (tmp_path / "cache/qianshao").iterdir()] == ["thing.lock"]


def test_an_interrupted_unpacking_is_done_again(path: Path, tmp_path: Path) -> None:
    put_apt(path, "true")
    (tmp_path / "cache/qianshao/thing.new/tree/usr/bin").mkdir(parents=True)
    (tmp_path / "cache/qianshao/thing/usr/bin").mkdir(parents=True)
    (tmp_path / "cache/qianshao/thing/usr/bin/thing").touch()
    assert Path(debian.find("thing", "thing", (None,)).argv_prefix[0]).exists()
    assert not (tmp_path / "cache/qianshao/thing.new").exists()


def test_another_architecture_asks_the_machine_first(path: Path) -> None:
    put(path, "thing", "")
    put(path, "apt-get", "")
    put(path, "dpkg", "echo arm64")
    with pytest.raises(debian.Missing, match="an arm64 machine cannot run packages of i386"):
        debian.find("thing", "thing", (None,), "i386")


def test_an_old_micropython_on_path_is_passed_over(path: Path) -> None:
    put(path, "micropython", "echo 1 19 True")
    with pytest.raises(debian.Missing):
        debian.micropython()
    put(path, "micropython", "echo 1 22 True")
    assert debian.micropython().where == str(path / "micropython")


def test_no_home_to_write_in(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_apt(path, "true")
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    where = Path(debian.find("thing", "thing", (None,)).where)
    assert where.parents[2] == tmp_path / f"qianshao-{os.getuid()}"
    assert where.parents[2].stat().st_mode & 0o777 == 0o700


@on_debian
def test_the_real_ones_run_as_one_process() -> None:
    broker = debian.mosquitto()
    process = subprocess.Popen(
        [*broker.argv_prefix, "-p", "0"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    process.terminate()
    assert process.wait(10) in (0, 1, -signal.SIGTERM)
    subscriber = subprocess.run(
        [debian.mosquitto_sub().where, "--version"], capture_output=True, text=True, check=False
    )
    assert "mosquitto_sub" in subscriber.stdout


@on_debian
@pytest.mark.parametrize(
    ("program", "largest"), [(debian.micropython, 2**63 - 1), (debian.micropython32, 2**31 - 1)]
)
def test_the_real_micropython(program: object, largest: int) -> None:
    assert callable(program)
    prefix = program().argv_prefix
    done = subprocess.run(
        [*prefix, "-c", "import sys; print(sys.maxsize)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == largest
