"""The hub's commands: `hub` runs a duty room, `ledger` verifies, exports and rebuilds."""

import argparse
import asyncio
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

from hub import auditing, broker, debian
from hub.app import App, say_ready, stop_on_signals
from hub.children import Child, Children
from hub.desk.accounts import Accounts
from hub.folder import Folder, default_folder
from hub.registry import Registry
from hub.words import Sentence, words

WRONG_USE = 2


def main(argv: list[str]) -> int:
    """-> the exit code. 2: it could not be done as asked, and a sentence says why."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    parser = argparse.ArgumentParser(prog="qianshao", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    _hub_arguments(verbs)
    auditing.add_arguments(verbs)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except (Sentence, debian.Missing) as sentence:
        print(sentence, file=sys.stderr)
        return WRONG_USE


def _hub_arguments(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    each = verbs.add_parser(
        "hub",
        help="run one duty room",
        epilog="example: ./qianshao hub --data DIR --district nanshan --name 南山区值班室",
    )
    each.add_argument("--data", type=Path, help="data folder ($XDG_DATA_HOME/qianshao)")
    each.add_argument("--port", type=_port, default=0, help="of the desk's page (8080)")
    each.add_argument("--mqtt-port", type=_port, default=0, help="of the subscribers' listener")
    each.add_argument("--district", help="id of a new folder's district, such as nanshan")
    each.add_argument("--name", help="name of a new folder's duty room")
    each.add_argument(
        "--broker",
        choices=("own", "external"),
        default="own",
        help="external: somebody else starts Mosquitto with DATA/broker/mosquitto.conf",
    )
    each.set_defaults(run=_hub)


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} should be a port, 1 to 65535")
    return int(text)


def _hub(args: argparse.Namespace) -> int:
    folder = Folder(args.data or default_folder())
    if not folder.exists():
        if not args.district:
            raise Sentence(
                f"{folder.path} 还不是数据目录:新建请加 --district 编号 --name 名称。",
                f"{folder.path} is no data folder yet: to make one, add --district and --name.",
            )
        folder.create(args.district, args.name or args.district)
        _first_accounts(folder)
    if args.broker == "external":
        return _serve(folder, args)
    return asyncio.run(_supervise(folder, args))


def _first_accounts(folder: Folder) -> None:
    """Two logins of a new folder, told once and kept only as hashes."""
    accounts = Accounts(folder.working)
    for role, user in (("officer", "officer"), ("administrator", "admin")):
        password = secrets.token_urlsafe(9)
        accounts.create(user, {"officer": "值班员", "admin": "管理员"}[user], role, password)
        print(f"login {role} {user} {password}", flush=True)


def prepare_ports(folder: Folder, port: int, mqtt_port: int) -> dict[str, int]:
    """Ports of page, boards and subscribers, kept in the folder; and the broker's files.

    Raises Sentence when one that was asked for is taken.
    """
    settings = folder.settings()
    ports = folder.ports(
        {
            "web": port or settings.web.port,
            "mqtt": mqtt_port or settings.broker.mqtt_port,
            "board": settings.broker.board_port,
        }
    )
    registry = Registry(folder.registry)
    broker.write_files(folder, settings, registry, broker.Ports(ports["board"], ports["mqtt"]))
    return ports


def _serve(folder: Folder, args: argparse.Namespace) -> int:
    """This process is the hub; the broker is somebody else's."""
    lock = folder.lock()
    ports = folder.kept_ports()
    try:
        asyncio.run(_live(folder, ports))
    finally:
        lock.close()
    return 0


async def _live(folder: Folder, ports: dict[str, int]) -> None:
    stop = asyncio.Event()
    stop_on_signals(stop)
    app = App(folder, folder.settings(), ports, lambda: broker.reload(folder))
    await app.run(stop, lambda: say_ready(ports["web"]))


async def _supervise(folder: Folder, args: argparse.Namespace) -> int:
    """Mosquitto and the hub as siblings: a child of the hub would outlive a killed hub."""
    lock = folder.lock()  # a second start is told before it touches ports or files
    prepare_ports(folder, args.port, args.mqtt_port)
    command = broker.command(folder.broker / "mosquitto.conf")
    lock.close()
    stop = asyncio.Event()
    stop_on_signals(stop)
    children = Children(
        lambda name, code: print(
            words(f"{name} 已重新启动", f"{name} was started again"), f"({code})", file=sys.stderr
        )
    )
    children.start(Child("mosquitto", command, folder.broker / "log"))
    serve = [
        sys.executable,
        "-m",
        "hub",
        "hub",
        "--data",
        str(folder.path),
        "--broker",
        "external",
    ]
    hub = children.start(Child("hub", serve, folder.path / "hub.log", _pass_on))
    watching = asyncio.create_task(children.watch())
    await stop.wait()
    watching.cancel()
    await children.stop(hub)
    return 0


def _pass_on(line: bytes) -> None:
    sys.stdout.write(line.decode("utf-8", "replace"))
    sys.stdout.flush()


if __name__ == "__main__":
    # a shell that starts us in the background lets us inherit SIGINT as ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.umask(0o077)
    sys.exit(main(sys.argv[1:]))
