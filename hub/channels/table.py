"""The one literal table: the ways by which a person can be told, by the name that the registry's
`ways` use."""

from hub.channels.channel import Channel
from hub.channels.command import Command
from hub.channels.desk import Desk
from hub.channels.pager import Pager
from hub.channels.webhook import Webhook

CHANNELS: dict[str, type[Channel]] = {
    "pager": Pager,
    "desk": Desk,
    "command": Command,
    "webhook": Webhook,
}
