"""Command lines in two languages: argparse, whose own sentences are English, and Chinese where the
locale is. A wrong one names its own command, says what is wrong, and exits with 2.
"""

import argparse
import re
import sys
from pathlib import Path
from typing import Any, NoReturn, TypeAlias

from hub.words import words

WRONG_USE = 2
CHINESE = tuple(
    (re.compile(english), chinese)
    for english, chinese in (
        (r"the following arguments are required: (.*)", r"缺 \1"),
        (r"one of the arguments (.*) is required", r"\1 要给一个"),
        (r"unrecognized arguments: (.*)", r"没有这样的参数：\1"),
        (r"argument (.*): expected (?:at least )?one argument", r"\1 后面要有一个值"),
        (r"argument (.*): ignored explicit argument .*", r"\1 后面不带值"),
        (
            r"argument (.*): invalid choice: '?(.*?)'? \(choose from (.*)\)",
            r"\1 不能是 \2，应为其中一个：\3",
        ),
        (r"argument (.*): not allowed with argument (.*)", r"\1 和 \2 只能给一个"),
        (r"ambiguous option: (.*) could match (.*)", r"\1 可以是 \2：请写全"),
        (r"argument (.*?): (.*)", r"\1：\2"),
    )
)


class _Help(argparse.HelpFormatter):
    def add_usage(
        self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None
    ) -> None:
        super().add_usage(
            usage, actions, groups, words("用法：", "usage: ") if prefix is None else prefix
        )


class Arguments(argparse.ArgumentParser):
    """As argparse's own; `example`: a command line that works, without `./qianshao`."""

    def __init__(self, example: str = "", **more: Any) -> None:
        if example:
            more["epilog"] = words("例：", "example: ") + f"./qianshao {example}"
        super().__init__(add_help=False, formatter_class=_Help, **more)
        self._positionals.title = words("要给的", "arguments")
        self._optionals.title = words("选项", "options")
        self.add_argument("-h", "--help", action="help", help=words("显示这些", "show this"))

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """What a command does not know it says itself, before its parent does."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error("unrecognized arguments: " + " ".join(rest))
        return found, rest

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        chinese = (said.sub(zh, message) for said, zh in CHINESE if said.fullmatch(message))
        wrong = words(f"参数不对：{next(chinese, message)}", f"error: {message}")
        more = words(f"{self.prog} --help 逐项说明。", f"{self.prog} --help tells of each.")
        self.exit(WRONG_USE, f"{wrong}\n{more}\n")


Verbs: TypeAlias = "argparse._SubParsersAction[Arguments]"
DATA = words("数据目录", "data folder")


def path(text: str) -> Path:
    """Of a command line. An empty one would be the folder in which somebody happens to stand."""
    if not text:
        raise unfit("路径是空的", "the path is empty")
    return Path(text)


def unfit(chinese: str, english: str) -> argparse.ArgumentTypeError:
    """A value that is none: for the functions that read one."""
    return argparse.ArgumentTypeError(words(chinese, english))
