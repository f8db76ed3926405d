"""Who may do what (职责): roles and the verbs of each, denied by default.

What each route asks for stands in `access.ROUTES`; both tables are tested pair by pair.
"""

# 值班员, 街道值班室 (its own street only), 带班领导, 管理员, 审计员
ROLES = ("officer", "street", "leader", "administrator", "auditor")

ANYONE = frozenset({"anyone"})  # also without a session
SEATED = frozenset(ROLES)
WORKS = frozenset({"officer", "street", "leader"})  # may take: their pages listen
DECIDES = frozenset({"officer", "leader"})  # for the district
REPAIRS = frozenset({"officer", "leader", "administrator"})
ADMINISTRATOR = frozenset({"administrator"})
AUDITS = frozenset({"leader", "administrator", "auditor"})

FALSE_PRESS = "false_press"  # the one outcome of a call-back that a street leaves to the district

VERBS: dict[str, frozenset[str]] = {
    **dict.fromkeys(("take", "note", "outcome", "handed_on", "next_time"), WORKS),
    **dict.fromkeys(("make_real", "sound_test"), WORKS),
    **dict.fromkeys((FALSE_PRESS, "close", "grade", "confirm_drill"), DECIDES),
    **dict.fromkeys(("open_drill", "end_drill", "open_roll_call", "send_text"), DECIDES),
    **dict.fromkeys(("end_ask", "answer_for"), DECIDES),
    "instruct": frozenset({"leader"}),
    **dict.fromkeys(("out_of_service", "in_service"), REPAIRS),
    "read_warning": ADMINISTRATOR,
}


def needed(verb: str, data: dict[str, object]) -> frozenset[str]:
    """Roles that may do it; none for a verb that the table does not have."""
    if verb == "outcome" and data.get("outcome") == FALSE_PRESS:
        verb = FALSE_PRESS
    return VERBS.get(verb, frozenset())
