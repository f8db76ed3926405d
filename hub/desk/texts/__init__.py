"""Every text of the pages, once, in both languages: key -> (zh-CN, en); one file a page or theme.

The Chinese is a government duty room's, not the police's: 接报, 受理, 办结. A new file is named
in `FILES`; a key that stands in two of them is an error.
"""

from hub.desk.texts import (
    channels,
    desk,
    duty,
    facts,
    frame,
    levels,
    office,
    office_boards,
    office_changes,
    office_help,
    office_people,
    office_setup,
    office_users,
    posts,
    record,
    script,
    settings,
    sounds,
    wall,
    warnings,
)

FILES = (
    frame,
    channels,
    desk,
    duty,
    facts,
    levels,
    script,
    settings,
    sounds,
    office,
    office_boards,
    office_changes,
    office_help,
    office_people,
    office_setup,
    office_users,
    posts,
    record,
    wall,
    warnings,
)

WORDS: dict[str, tuple[str, str]] = {}
for file in FILES:
    if twice := WORDS.keys() & file.TEXTS.keys():
        raise KeyError(f"two files of texts have {sorted(twice)}")
    WORDS.update(file.TEXTS)
