"""The hub's commands: `hub` runs a duty room, `ledger` verifies, exports and rebuilds, `password`
lets in who has forgotten theirs."""

import argparse
import asyncio
import gc
import logging
import re
import sqlite3
import sys
from contextlib import suppress

from hub import auditing, broker
from hub.app import App
from hub.arguments import DATA, WRONG_USE, Arguments, Verbs, path, unfit
from hub.desk import logins
from hub.folder import RUN_LOCK, Folder, default_folder
from hub.registry import Registry
from hub.settings import Settings
from hub.soundness import Damaged
from hub.supervise import on_stop, prepare, supervise
from hub.words import Sentence, words
from hub.writer import read_clocks

# a burst's events and effects all die young, without the cycle collector's help
SELDOM = (50_000, 20, 100)


def main(argv: list[str]) -> int:
    """-> the exit code. 2: it could not be done as asked, and a sentence says why."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    parser = Arguments(prog="qianshao")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=words("命令", "COMMAND"))
    _hub_arguments(verbs)
    _password_arguments(verbs)
    auditing.add_arguments(verbs)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except Sentence as sentence:
        print(sentence, file=sys.stderr)
    except (OSError, sqlite3.Error) as error:
        print(words(f"不能运行：{error}", f"This cannot run: {error}"), file=sys.stderr)
    return WRONG_USE


def _hub_arguments(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "hub",
        help=words("运行一个值班室", "run one duty room"),
        example="hub --data DIR --district nanshan --name 南山区值班室",
    )
    each.add_argument("--data", type=path, help=f"{DATA} ($XDG_DATA_HOME/qianshao)")
    each.add_argument(
        "--port",
        type=port,
        default=0,
        help=words("值班席网页的端口（8080）", "of the desk's page (8080)"),
    )
    each.add_argument(
        "--mqtt-port",
        type=port,
        default=0,
        help=words("市级等订阅者的端口", "of the subscribers' listener"),
    )
    each.add_argument(
        "--district",
        help=words("新建目录：区的代号（home）", "a new folder's district, its id (home)"),
    )
    each.add_argument(
        "--name",
        help=words(
            "新建目录：值班室的名称（值班室）",
            "a new folder's duty room, as people say it (值班室)",
        ),
    )
    each.add_argument(
        "--broker",
        choices=("own", "external"),
        default="own",
        help=words(
            "external：由别的程序按 DATA/broker/mosquitto.conf 启动 Mosquitto",
            "external: somebody else starts Mosquitto with DATA/broker/mosquitto.conf",
        ),
    )
    each.add_argument(
        "--framed-by",
        type=_origin,
        default="",
        metavar="ORIGIN",
        help=words(
            "演示用，与 --broker external 一起：可以嵌入值班席的页面；有真实终端时拒绝",
            "of a demo, with --broker external: the page that may show the desk in a frame;"
            " refused unless every board is simulated",
        ),
    )
    each.set_defaults(run=_hub)


def _password_arguments(verbs: Verbs) -> None:
    each = verbs.add_parser(
        "password",
        help=words(
            "给忘了口令的人换一个，值班主机须先停下",
            "another password for who has forgotten it, while the hub is stopped",
        ),
        example="password admin --data /srv/nanshan",
    )
    each.add_argument("user", help=words("登录用的用户", "who logs in by it"))
    each.add_argument("--data", type=path, help=f"{DATA} ($XDG_DATA_HOME/qianshao)")
    each.set_defaults(run=_password)


def _password(args: argparse.Namespace) -> int:
    folder = Folder(args.data or default_folder())
    folder.settings()  # it is one of ours
    with folder.lock():
        login = asyncio.run(logins.another_password(folder, args.user, read_clocks().wall))
    print("login", *login, flush=True)
    return 0


def _origin(text: str) -> str:
    if text and not re.fullmatch(r"http://127\.0\.0\.1:\d{1,5}", text):  # empty: the default
        like = "http://127.0.0.1:8081"
        raise unfit(f"{text} 应写作 {like}", f"{text} should be like {like}")
    return text


def port(text: str) -> int:
    """Of a command line. Raises argparse.ArgumentTypeError."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise unfit(f"{text} 应为端口，1 至 65535", f"{text} should be a port, 1 to 65535")
    return int(text)


def _hub(args: argparse.Namespace) -> int:
    if args.framed_by and args.broker != "external":
        raise Sentence(
            "--framed-by 只能与 --broker external 一起用。",
            "--framed-by goes with --broker external only.",
        )
    folder = Folder(args.data or default_folder())
    new = not folder.exists()
    if new:
        name = "值班室" if args.name is None else args.name
        folder.create(args.district or "home", name)
    try:
        _check_is_that(folder, args)
        folder.lay()
        if args.broker == "external":
            return _serve(folder, args.framed_by)
        return _supervise(folder, args)
    except Sentence:
        if new:
            with suppress(Sentence), folder.lock(RUN_LOCK), folder.lock():
                folder.unmake()  # it never began: the next one may be another's
        raise


def _check_is_that(folder: Folder, args: argparse.Namespace) -> None:
    """What a folder was made for it stays. Raises Sentence."""
    found = folder.settings()
    if args.district not in (None, found.district):
        raise Sentence(
            f"{folder.path} 是 {found.district} 的：--district 只在新建时有用，请换一个目录。",
            f"{folder.path} is {found.district}'s: --district is for a new folder, name another.",
        )
    if args.name not in (None, found.name):  # renamed on a page since: no reason not to start
        told = words(
            f"{folder.path} 叫“{found.name}”：--name 只在新建时有用，改名请在网页“建站”里改。",
            f"{folder.path} is called {found.name}: --name is for a new folder; change it on"
            " /setup.",
        )
        print(told, file=sys.stderr)


def _serve(folder: Folder, framed_by: str) -> int:
    """This process is the hub; the broker is somebody else's."""
    gc.set_threshold(*SELDOM)
    if framed_by and Registry(folder.registry).holds_real_board():
        raise Sentence(
            f"登记册里有真实终端：{framed_by} 的页面不能嵌入值班台，请去掉 --framed-by。",
            f"The registry holds a real board: no page of {framed_by} may frame the desk; leave"
            " out --framed-by.",
        )
    with folder.lock():
        for login in asyncio.run(logins.first(folder, read_clocks().wall)):
            print("login", *login, flush=True)
        settings = folder.settings()
        ports = folder.kept_ports()
        damage = ""
        while True:
            try:
                asyncio.run(_live(folder, settings, ports, framed_by, damage))
            except Damaged as found:  # the next one sets it aside
                damage = str(found)
            else:
                return 0


async def _live(
    folder: Folder, settings: Settings, ports: dict[str, int], framed_by: str, damage: str
) -> None:
    app = App(folder, settings, ports, framed_by, damage)
    on_stop(app.stop)
    await app.run(lambda: print(f"READY http://127.0.0.1:{ports['web']}", flush=True))


def _supervise(folder: Folder, args: argparse.Namespace) -> int:
    with folder.lock(RUN_LOCK):
        with folder.lock():  # a hub that others started is told of before its ports are
            prepare(folder, args.port, args.mqtt_port)
        asyncio.run(supervise(folder, broker.command(folder.broker / broker.CONFIGURATION)))
    return 0
