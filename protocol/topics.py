"""Topics: who speaks where. The broker's rules and both ends are made from these."""

ROOT = "qianshao/v1"
CITY_TOPICS = ("alarm", "exercise", "head", "receipt")


def board_topic(district, board, way, message):
    """`way`: up (board speaks) or down (hub speaks)."""
    return "%s/%s/board/%s/%s/%s" % (ROOT, district, board, way, message)


def city_topic(district, name):
    return "%s/%s/city/%s" % (ROOT, district, name)


def parse_board_topic(topic):
    """(district, board, way, message), or None when the topic is not a board's."""
    parts = topic.split("/")
    if len(parts) != 7 or "/".join(parts[:2]) != ROOT or parts[3] != "board":
        return None
    return parts[2], parts[4], parts[5], parts[6]


def is_id(value):
    """District, board, site, person: `[a-z0-9][a-z0-9-]{2,31}`, never reused."""
    if not isinstance(value, str) or not 3 <= len(value) <= 32 or value[0] == "-":
        return False
    return not value.strip("abcdefghijklmnopqrstuvwxyz0123456789-")
