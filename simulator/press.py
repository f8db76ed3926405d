"""`press`: a gesture on a board of the running demo, made on the input of its own process."""

import argparse
import sys
from pathlib import Path

from hub.folder import Folder
from hub.registry import Registry
from hub.settings import Board
from hub.words import Sentence, words
from simulator import running
from simulator.fingers import Change, Gesture, NoAnswer, NoSuchKey, Outcome, move
from simulator.street_plan import in_plan_order

SAVED, UNSAVED, UNKNOWN, SILENT, NOTHING = range(5)  # exit codes
# what is wrong with the board itself -> (its input, wrong or not)
CONDITIONS = {
    "mains_lost": Change("mains", True),
    "mains_back": Change("mains", False),
    "tamper": Change("tamper", True),
    "tamper_ended": Change("tamper", False),
    "battery_low": Change("battery", True),
    "battery_ok": Change("battery", False),
}
KINDS = ("alarm", "duress", "withdraw", "test", "abnormal", "allwell", "answer", *CONDITIONS)
ASKING = ("withdraw", "test", "answer", *CONDITIONS)  # the board may do nothing about them
MOST_TIMES = 500
MOST_HOLD_S = 60.0


def run(args: argparse.Namespace) -> int:
    """The command. -> 0 in the board's outbox; 1 felt, not saved; 2 no such board or key;
    3 the process does not answer; 4 the board did nothing about it."""
    try:
        data = Path(args.data) if args.data else running.newest()
        if data is None:
            raise Sentence(
                "没有正在运行的演示：请先运行 ./qianshao demo，或用 --data 指定它的目录。",
                "No demo is running: start ./qianshao demo in another terminal, "
                "or name its folder with --data.",
            )
        folder = Folder(data)
        boards = boards_of(folder)
        if args.list:
            for board, site in boards.items():
                print(f"{board}  {site}")
            return SAVED
        if args.board is None:
            raise Sentence(
                "按哪一个？./qianshao press --list 列出全部，例如 ./qianshao press"
                f" {next(iter(boards))}",
                "Which one? ./qianshao press --list names them all; for example ./qianshao press"
                f" {next(iter(boards))}",
            )
        if args.board not in boards:
            raise Sentence(
                f"没有终端 {args.board}：./qianshao press --list 列出全部。",
                f"There is no board {args.board}: ./qianshao press --list names them all.",
            )
        return press(folder.boards / args.board, args.board, args, folder.settings().board)
    except Sentence as error:
        print(error, file=sys.stderr)
        return UNKNOWN


def press(folder: Path, board: str, args: argparse.Namespace, figures: Board) -> int:
    """One command's gesture on `board`, and a line about what became of it. -> the exit code."""
    first, then = gestures(args.kind, args.hold, args.times, figures)
    try:
        outcome = move(folder, first, then)
    except NoSuchKey:
        print(
            words(f"{board} 没有 {first.key} 键。", f"{board} has no key {first.key}."),
            file=sys.stderr,
        )
        return UNKNOWN
    except NoAnswer as silence:
        sentence = (
            words(
                f"{board} 的进程开始了这个动作，然后不再回答：请看它的灯。",
                f"{board}'s process began the gesture and then fell silent: look at its lamps.",
            )
            if silence.accepted
            else words(
                f"{board} 的进程没有回答：没有按下，以后也不会再按。",
                f"{board}'s process does not answer: nothing was pressed, nor will be later.",
            )
        )
        print(sentence, file=sys.stderr)
        return SILENT
    return judge(board, args.kind, args.times, outcome)


def gestures(
    kind: str, hold_s: float | None, times: int, figures: Board
) -> tuple[Gesture | Change, Gesture | None]:
    """What a finger does for `kind`; a second gesture follows when the first meant something.

    `answer`: the grey key, short; held by the pager's hold: 我接."""
    held_ms = int((hold_s or 0) * 1000)
    if kind in CONDITIONS:
        return CONDITIONS[kind], None
    if kind == "answer":
        return Gesture("confirm", held_ms, times), None
    if kind == "withdraw":
        return Gesture("confirm", held_ms or figures.hold_ms, times), None
    if kind == "test":
        return Gesture("confirm", figures.test_hold_ms), Gesture("alarm", held_ms, times)
    return Gesture(kind, held_ms, times), None


def judge(board: str, kind: str, times: int, outcome: Outcome) -> int:
    """Say what became of the gesture. -> the exit code."""
    saved, unsaved = len(outcome.saved), len(outcome.unsaved)
    if kind in ASKING and outcome.nothing:
        print(
            words(
                f"{board} 没有理会：撤回须在按下后 2 至 60 秒内，测试须没有未办结的报警，"
                "回答须有点名、通知或呼叫，市电、箱体、电池须有变化。",
                f"{board} did nothing about it: a withdrawal needs a press 2 to 60 s old, a test"
                " that no alarm is open, an answer that something is asked, and mains, box or"
                " battery a change.",
            ),
            file=sys.stderr,
        )
        return NOTHING
    if unsaved or saved < times:
        print(
            words(
                f"{board} 感到了，但没有全部存下：存下 {saved} 条，未存 {unsaved} 条。",
                f"{board} felt it but has not saved it all: {saved} saved, {unsaved} not.",
            ),
            file=sys.stderr,
        )
        return UNSAVED
    print(words(f"{board} 已存下：", f"{board} saved: ") + " ".join(outcome.saved))
    return SAVED


def boards_of(folder: Folder) -> dict[str, str]:
    """Board -> its site's name, of every board that runs as a process here. Raises Sentence."""
    facts = in_plan_order(Registry(folder.registry).facts()) if folder.exists() else []
    here = {each["id"]: f"{each['site_name']} {each.get('place', '')}".rstrip() for each in facts}
    found = {board: site for board, site in here.items() if (folder.boards / board).is_dir()}
    if not found:
        raise Sentence(
            f"{folder.path} 里没有演示用的终端：请用 --data 指定演示的目录。",
            f"There is no board of a demo in {folder.path}: name the demo's folder with --data.",
        )
    return found
