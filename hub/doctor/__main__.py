"""The command: every look, one line each, and at the end the one next step."""

import sys
from collections.abc import Iterator
from pathlib import Path

from hub.arguments import DATA, Arguments, path
from hub.doctor import folder as data
from hub.doctor import programs, ready, running
from hub.doctor.finding import FINE, MISSING, NOTE, Finding, missing, note
from hub.folder import Folder, default_folder
from hub.words import Sentence, words

HOME = Path(__file__).resolve().parents[2]
MARKS = {FINE: "✓", NOTE: "·", MISSING: "✗"}
WELL, SOMETHING_MISSING = 0, 1


def parser() -> Arguments:
    each = Arguments(
        prog="qianshao doctor",
        description=words(
            "查看这台电脑和一个数据目录：有什么、缺什么、下一步做什么。什么也不改。"
            "退出码 0：都好；1：缺东西。",
            "Looks at this machine and a data folder: what is here, what is missing, the next"
            " step. It changes nothing. Exit 0: all is well; 1: something is missing.",
        ),
        example="doctor --data /srv/qianshao",
    )
    each.add_argument("--data", type=path, help=f"{DATA} ($XDG_DATA_HOME/qianshao)")
    return each


def look(path: Path | None) -> Iterator[Finding]:
    """All findings, the most basic first: what stands first is mended first."""
    yield from programs.look(HOME)
    folder = Folder(path or default_folder())
    what = ("数据目录", "Data folder")
    try:
        exists = folder.exists()
    except Sentence as sentence:
        zh, en = sentence.both
        step = ("用 --data 指定另一个目录", "name another folder with --data")
        yield missing(what, (zh.rstrip("。"), en.rstrip(".")), step)
        return
    command = f"./qianshao hub --data {folder.path} --district nanshan --name 南山区值班室"
    if exists:
        yield from data.look(folder)
        yield from running.look(folder)
        yield from ready.look(folder)
    elif path is None:
        yield note(
            what,
            (f"还没有；建立：{command}", f"none yet; this makes one: {command}"),
        )
    else:
        yield missing(
            what,
            (f"{folder.path} 里没有 qianshao.toml", f"{folder.path} has no qianshao.toml"),
            (f"建立它：{command}", f"make it: {command}"),
        )


def main(argv: list[str]) -> int:
    """-> the exit code."""
    args = parser().parse_args(argv)
    step = ""
    for each in look(args.data):
        print(f"{MARKS[each.state]} {words(*each.what)}{words('：', ': ')}{words(*each.found)}")
        if each.state == MISSING and not step:
            step = words(*each.step)
    print(words("下一步：", "Next step: ") + step if step else words("都好。", "All is well."))
    return SOMETHING_MISSING if step else WELL


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
