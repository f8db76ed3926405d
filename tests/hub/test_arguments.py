"""Command lines: wrong ones name their own command and say in both languages what is wrong."""

import re

import pytest

from hub import commands as of_hub
from simulator import commands as of_simulator

HAN = re.compile(r"[\u4e00-\u9fff]")
Said = pytest.CaptureFixture[str]
ROOMS = {"hub": of_hub, "ledger": of_hub, "password": of_hub}

WRONG = [
    ("hub --prot 3", "没有这样的参数：--prot 3", "unrecognized arguments: --prot 3"),
    ("hub --port x", "--port：x 应为端口，1 至 65535", "x should be a port, 1 to 65535"),
    ("hub --port", "--port 后面要有一个值", "argument --port: expected one argument"),
    ("hub --data=", "--data：路径是空的", "argument --data: the path is empty"),
    ("hub --broker x", "--broker 不能是 x，应为其中一个：", "invalid choice: 'x'"),
    ("hub --br=own --name a b", "没有这样的参数：b", "unrecognized arguments: b"),
    ("password", "缺 user", "the following arguments are required: user"),
    ("ledger verify", "--data --from 要给一个", "one of the arguments --data --from is required"),
    ("ledger verify --data a --from b", "--from 和 --data 只能给一个", "not allowed with"),
    ("ledger verify --data a --head 12", "12 应为 64 位十六进制数", "12 should be 64 hex digits"),
    ("ledger look", "不能是 look，应为其中一个：", "invalid choice: 'look'"),
    ("press --times 0 x", "--times：0 应为 1 或更大的整数", "0 should be a whole number"),
    ("press --list=3", "--list 后面不带值", "argument --list: ignored explicit argument"),
    ("load --boards 9999", "9999 最多 5000", "9999 should be at most 5000"),
    ("load --minutes nan", "nan 应为大于 0、不超过 10000 的数", "nan should be a number above 0"),
    ("simulate --se 3", "--se 可以是 --seed, --seeds：请写全", "ambiguous option: --se"),
]


@pytest.mark.parametrize(("line", "chinese", "english"), WRONG)
def test_what_is_wrong_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, line: str, chinese: str, english: str
) -> None:
    verb = re.split(r" (?=-|x|look)", line)[0]
    for locale, words in (("zh_CN.UTF-8", chinese), ("C.UTF-8", english)):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as left:
            ROOMS.get(line.split()[0], of_simulator).main(line.split())
        assert left.value.code == 2
        out, err = capsys.readouterr()
        assert out == "" and words in err
        usage = ("用法：" if locale == "zh_CN.UTF-8" else "usage: ") + "qianshao "
        assert err.startswith(usage + verb.removesuffix(" look"))
        assert "--help" in err.splitlines()[-1]


VERBS = ("hub", "password", "ledger", "ledger verify", "ledger export", "ledger rebuild")


@pytest.mark.parametrize("verb", [*VERBS, "demo", "press", "simulate", "load"])
def test_help_is_in_the_language_of_the_locale(
    monkeypatch: pytest.MonkeyPatch, capsys: Said, verb: str
) -> None:
    for locale in ("zh_CN.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LC_ALL", locale)
        with pytest.raises(SystemExit) as left:
            ROOMS.get(verb.split()[0], of_simulator).main([*verb.split(), "--help"])
        assert left.value.code == 0
        told = capsys.readouterr().out
        said = re.sub(r"南山区值班室|（?值班室）?|\(值班室\)", "", told)
        assert bool(HAN.search(said)) == (locale == "zh_CN.UTF-8")
