"""The simulator's commands: demo, press, simulate, load."""

import math

from hub.arguments import Arguments, Verbs, unfit
from hub.commands import port
from hub.words import words
from simulator import demo, load, press, simulate
from simulator.broken import BROKEN


def main(argv: list[str]) -> int:
    """-> the exit code: 0 done, 1 something is wrong, 2 it could not be asked for like that."""
    parser = Arguments(prog="qianshao")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=words("命令", "COMMAND"))
    _demo(verbs)
    _press(verbs)
    _simulate(verbs)
    _load(verbs)
    args = parser.parse_args(argv)
    run = args.run
    return int(run(args))


def _demo(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "demo",
        help=words(
            "一台电脑上的整条链：十二块终端、broker、值班主机",
            "the whole chain on this machine: twelve boards, broker, hub",
        ),
        example="demo --data ~/qianshao-demo",
    )
    each.add_argument(
        "--port",
        type=port,
        default=0,
        help=words("值班席网页的端口（任一空闲的）", "of the desk's page (a free one)"),
    )
    each.add_argument(
        "--mqtt-port",
        type=port,
        default=0,
        help=words("市级等订阅者的端口", "of the city's subscribers"),
    )
    each.add_argument(
        "--data",
        metavar="DIR",
        help=words("台账和登录留在那里，下次接着用", "keep ledger and logins there between runs"),
    )
    each.add_argument(
        "--no-browser",
        action="store_true",
        help=words("不打开街道的网页", "do not open the street's page"),
    )
    each.set_defaults(run=demo.run)


def _press(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "press",
        help=words("按一下正在运行的某块终端", "press a board of the running demo"),
        description=words(
            "动的是那块终端自己的进程的输入。退出码 0：报告已在终端的发件箱里；"
            "1：感到了，没有存下；2：没有这块终端或这个键；3：进程不回答，以后也不会按下；4：终端没有理会。",
            "Moves the input of the board's own process. Exit code 0: the report is in the board's"
            " outbox; 1: felt, not saved; 2: no such board or key; 3: the process does not answer,"
            " and nothing is pressed later; 4: the board did nothing about it.",
        ),
        example="press donghu-primary-1 --kind duress",
    )
    each.add_argument(
        "board",
        nargs="?",
        help=words("终端代号，见 --list", "its id, as --list gives it"),
    )
    each.add_argument(
        "--list",
        action="store_true",
        help=words("列出每块终端和它的地点", "every board and its site"),
    )
    each.add_argument(
        "--kind", choices=press.KINDS, default="alarm", help=words("要什么", "what is wanted")
    )
    each.add_argument(
        "--hold",
        type=_seconds,
        metavar=words("秒", "SECONDS"),
        help=words("按住多久", "how long the key is held"),
    )
    each.add_argument(
        "--times",
        type=_whole,
        default=1,
        metavar="N",
        help=words("按几次（1）", "how often (1)"),
    )
    each.add_argument(
        "--data",
        metavar="DIR",
        help=words("演示的目录（最近在运行的那个）", "the demo's folder (the newest running one)"),
    )
    each.set_defaults(run=press.run)


def _simulate(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "simulate",
        help=words("虚拟时间里带故障的整条链", "the whole chain in virtual time, with faults"),
        example="simulate --seeds 200",
    )
    each.add_argument(
        "--seed",
        type=_whole,
        help=words("一个种子，或 --seeds 的第一个", "one seed, or the first of --seeds"),
    )
    each.add_argument(
        "--seeds",
        type=_whole,
        help=words("多少个种子（20；有 --broken 时 50）", "how many seeds (20; with --broken 50)"),
    )
    each.add_argument(
        "--boards",
        type=_whole,
        default=8,
        help=words("每个世界几块终端（8）", "boards in each world (8)"),
    )
    each.add_argument(
        "--minutes",
        type=_whole,
        help=words("每个世界里几分钟的故障（1）", "minutes of faults in each world (1)"),
    )
    each.add_argument(
        "--broken",
        choices=sorted(BROKEN),
        help=words("有意做坏的主机或终端", "a product broken on purpose"),
    )
    each.set_defaults(run=simulate.run)


def _load(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "load",
        help=words(
            "几百块终端、真实时间、真实 broker",
            "hundreds of boards in real time, over a real broker",
        ),
        description=words(
            "退出码 0：没有差错；1：有一次按下出了差错；2：这样不能运行。Ctrl-C 停止按下，"
            "已按下的仍要核对。",
            "Exit code 0: nothing is wrong; 1: a press was; 2: it cannot run like that. Ctrl-C"
            " ends the pressing; what was pressed is still judged.",
        ),
        example="load --boards 500 --minutes 1 --presses-per-minute 600",
    )
    each.add_argument(
        "--boards", type=_boards, default=500, help=words("几块（500）", "how many (500)")
    )
    each.add_argument(
        "--minutes", type=_minutes, default=1.0, help=words("按几分钟（1）", "of pressing (1)")
    )
    each.add_argument(
        "--presses-per-minute",
        type=_whole,
        default=600,
        metavar="N",
        help=words("全部终端合起来（600）", "of all boards together (600)"),
    )
    each.add_argument(
        "--hub",
        metavar="DIR",
        help=words(
            "正在运行的主机的目录，终端会留在那里的登记册里（自带一台）",
            "a running hub's folder, where they stay enrolled (its own)",
        ),
    )
    each.set_defaults(run=load.run)


def _boards(text: str) -> int:
    value, most = _whole(text), load.MOST_BOARDS
    if value > most:
        raise unfit(f"{text} 最多 {most}", f"{text} should be at most {most}")
    return value


def _minutes(text: str) -> float:
    value = _number(text)
    if not 0 < value <= 10_000:
        raise unfit(
            f"{text} 应为大于 0、不超过 10000 的数",
            f"{text} should be a number above 0, at most 10000",
        )
    return value


def _seconds(text: str) -> float:
    value, most = _number(text), press.MOST_HOLD_S
    if not 0 < value <= most:
        raise unfit(
            f"{text} 应为大于 0、不超过 {most:.0f} 的秒数",
            f"{text} should be a number of seconds above 0, at most {most:.0f}",
        )
    return value


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise unfit(f"{text} 应为 1 或更大的整数", f"{text} should be a whole number, 1 or more")
    return int(text)


def _number(text: str) -> float:
    """Not a number is what no bounds hold."""
    try:
        return float(text)
    except ValueError:
        return math.nan
