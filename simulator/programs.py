"""The programs of the demo that are not ours, and what is said about them."""

import subprocess
import sys

from hub import debian
from hub.words import words


def interpreter() -> tuple[list[str], str, dict[str, str]]:
    """(the boards' interpreter, the line about it, a sentence for the page in each language)."""
    try:
        program = debian.micropython()
    except debian.Missing:
        line = "boards run on CPython (MicroPython not found)"
        return (
            [sys.executable],
            line,
            {"zh": "没有找到 MicroPython：终端运行在 CPython 上。", "en": line},
        )
    asked = [
        *program.argv_prefix,
        "-c",
        "import sys; print('%d.%d.%d' % sys.implementation[1][:3])",
    ]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    return (
        list(program.argv_prefix),
        f"MicroPython {version}: {program.where}",
        {"zh": "", "en": ""},
    )


def subscriber() -> str:
    """Where mosquitto_sub lies when a shell does not find it."""
    try:
        where = debian.mosquitto_sub().where
    except debian.Missing as missing:
        return str(missing)
    return words(f"mosquitto_sub 不在 PATH 上：{where}", f"mosquitto_sub is not on PATH: {where}")
