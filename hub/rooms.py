"""The one literal table: which room handles which event, row and pass."""

from collections.abc import Iterator

from hub import actions, escalation, incidents, intake, levels, posts, presence, sounds
from hub.channels import notices, reach, tries
from hub.city import feed
from hub.core import Hub, Rooms
from hub.duty import allwell, asks, drills, evidence, service
from hub.events import (
    Action,
    Arrived,
    Audited,
    CityReceipt,
    CityTold,
    CommandRan,
    DeskGone,
    DeskHere,
    Echo,
    Effect,
    LinkChanged,
    NoticeEnded,
    Now,
    RegistryChanged,
    Shown,
    Started,
)


def _started(hub: Hub, event: Started, now: Now) -> Iterator[Effect]:
    yield from presence.started(hub, event, now)
    yield from escalation.resume_commands(hub, event, now)
    yield from notices.resume(hub, event, now)


ROOMS = Rooms(
    handlers={
        Started: _started,
        Arrived: intake.arrived,
        Echo: presence.echoed,
        LinkChanged: presence.link_changed,
        CityReceipt: feed.receipt,
        CityTold: feed.told,
        DeskHere: presence.desk_here,
        DeskGone: presence.desk_gone,
        Shown: actions.shown,
        Action: actions.acted,
        CommandRan: escalation.command_ran,
        NoticeEnded: notices.ended,
        RegistryChanged: presence.registry_changed,
        Audited: presence.audited,
    },
    projections={
        "born": presence.born,
        "started": presence.project_started,
        "reported": incidents.reported,
        "unprocessed": incidents.unprocessed,
        "taken": incidents.taken,
        "called_back": incidents.called_back,
        "handed_on": incidents.handed_on,
        "noted": incidents.noted,
        "next_time_set": incidents.next_time_set,
        "closed": incidents.closed,
        "made_real": incidents.made_real,
        "graded": levels.graded,
        "sound_tested": sounds.project,
        "instructed": levels.instructed,
        "shown": incidents.shown,
        "paged": incidents.paged,
        "escalated": incidents.escalated,
        "reminded": incidents.reminded,
        "command_ran": incidents.command_ran,
        "notified": notices.project_notified,
        "notice_receipt": notices.project_receipt,
        "way_tried": tries.project,
        "nobody_reachable": reach.project_reach,
        "somebody_reachable": reach.project_reach,
        "city_told": feed.project_told,
        "city_received": feed.project_received,
        "board_here": presence.project_board,
        "board_lost": presence.project_board,
        "board_counts": presence.project_counts,
        "catalogue": presence.project_catalogue,
        "desk": presence.project_desk,
        "away": posts.project,
        "back": posts.project,
        **dict.fromkeys(("relieved", "joined", "parted"), posts.project_people),
        "registry": presence.project_nothing,
        "audited": presence.project_nothing,
        "window_opened": drills.opened,
        "window_ended": drills.ended,
        "ask_opened": asks.opened,
        "ask_answered": asks.answered_for,
        "ask_ended": asks.ended,
        "allwell_due": allwell.project_due,
        "out_of_service": service.project,
        "in_service": service.project,
        "board_keys": evidence.project_keys,
        **dict.fromkeys(
            (
                "bad_message",
                "refused",
                "missing",
                "torn_records",
                "broker_silent",
                "broker_back",
                "clock_step",
            ),
            presence.project_trouble,
        ),
    },
    passes=(
        presence.watch_clock,
        presence.watch_broker,
        presence.watch_boards,
        presence.watch_desks,
        reach.watch_reach,
        escalation.watch_untaken,
        escalation.watch_taken,
        escalation.watch_tests,
        escalation.watch_abnormal,
        escalation.repeat_alerts,
        drills.watch,
        asks.watch,
        allwell.watch,
        service.watch,
    ),
    settle=intake.changed_states,
    unprocessed=intake.unprocessed,
    later=intake.later,
)
