"""The projections' tables: everything the pages and passes read, made from the ledger alone.

Another version drops and replays them; there is nothing to migrate. Times are ms; columns that
end in `_row` are ledger numbers, so that either clock can be asked about them.
"""

import sqlite3
import zlib

from hub import ledger

PROJECTIONS = """
CREATE TABLE about (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE reports (              -- every report once: the receiving half of the guarantee
    board TEXT NOT NULL, boot TEXT NOT NULL, number INTEGER NOT NULL,
    kind TEXT NOT NULL, row INTEGER NOT NULL, incident TEXT,
    PRIMARY KEY (board, boot, number)
) WITHOUT ROWID;
CREATE INDEX reports_incident ON reports (incident, row) WHERE incident IS NOT NULL;
CREATE INDEX reports_pressed ON reports (board, row) WHERE kind IN ('alarm', 'test');

CREATE TABLE incidents (
    id TEXT PRIMARY KEY, board TEXT NOT NULL, site TEXT NOT NULL, site_name TEXT NOT NULL,
    street TEXT NOT NULL, contact TEXT NOT NULL,
    place TEXT NOT NULL,            -- of the board on its site, or empty; as it was then
    restricted INTEGER NOT NULL,    -- 限制公开, as it was then
    kind TEXT NOT NULL,             -- alarm duress abnormal drill test
    drill INTEGER,                  -- the window it was pressed in
    exercise INTEGER NOT NULL, simulated INTEGER NOT NULL, restored INTEGER NOT NULL,
    late INTEGER NOT NULL,          -- arrived long after it was pressed
    state TEXT NOT NULL,            -- untaken taken closed
    presses INTEGER NOT NULL, holds INTEGER NOT NULL,
    verification TEXT NOT NULL,     -- unverified verified
    outcome TEXT,                   -- real false_press no_answer drill test
    pressed_from INTEGER NOT NULL, pressed_to INTEGER NOT NULL,   -- first press; from 0: unknown
    opened_row INTEGER NOT NULL, opened_wall INTEGER NOT NULL,
    since_row INTEGER NOT NULL, since_wall INTEGER NOT NULL,      -- start of the clocks
    pressed_row INTEGER NOT NULL,                                 -- last press or hold
    level INTEGER NOT NULL,         -- 0 not graded, 1 to 4 (I to IV)
    instructed_row INTEGER,         -- the leader's last instruction
    taken_by TEXT, taken_street INTEGER,            -- by the street's own duty room
    handed_over_wall INTEGER,       -- by relief (接班) to taken_by, who had not taken it
    taken_row INTEGER, taken_wall INTEGER, progress_row INTEGER, next_wall INTEGER,
    handed_on TEXT NOT NULL,        -- JSON list of [service, wall, by]
    sent_row INTEGER,               -- the last of them since it was pressed last
    withdraw_wall INTEGER, paged_row INTEGER, escalated_row INTEGER, escalated_wall INTEGER,
    reminded_row INTEGER, outcome_wall INTEGER, closed_wall INTEGER, closed_by TEXT,
    last_row INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX incidents_open ON incidents (board) WHERE state <> 'closed';
CREATE INDEX incidents_state ON incidents (state, closed_wall);
CREATE INDEX incidents_drill ON incidents (drill) WHERE drill IS NOT NULL;

CREATE TABLE timeline (             -- the ledger rows that speak of an incident
    incident TEXT NOT NULL, row INTEGER NOT NULL, PRIMARY KEY (incident, row)
) WITHOUT ROWID;

CREATE TABLE alerts (               -- pager boards rung for an incident
    incident TEXT NOT NULL, board TEXT NOT NULL, state TEXT NOT NULL,  -- ringing heard busy
    round INTEGER NOT NULL,         -- as in notices
    PRIMARY KEY (incident, board)
) WITHOUT ROWID;

CREATE TABLE commands (             -- due: run until its end is on record
    incident TEXT PRIMARY KEY
) WITHOUT ROWID;

CREATE TABLE notices (              -- to people, by ledger row: sent until a receipt is on record
    row INTEGER PRIMARY KEY, wall INTEGER NOT NULL, incident TEXT NOT NULL,
    person TEXT NOT NULL, name TEXT NOT NULL, post TEXT NOT NULL,
    place INTEGER NOT NULL, channel TEXT NOT NULL, address TEXT NOT NULL, words TEXT NOT NULL,
    round INTEGER NOT NULL,         -- which time all the ways are gone through, from 1
    state TEXT NOT NULL,            -- due moot accepted delivered answered failed
    detail TEXT NOT NULL, ended_wall INTEGER
);
CREATE INDEX notices_incident ON notices (incident, row);
CREATE INDEX notices_wall ON notices (wall);
CREATE INDEX notices_way ON notices (channel, address, row);
CREATE INDEX notices_due ON notices (row) WHERE state = 'due';

CREATE TABLE feed (                 -- the city's numbered log, gapless per source and topic
    source TEXT NOT NULL,           -- each birth of the ledger is another
    topic TEXT NOT NULL, sequence INTEGER NOT NULL, id TEXT NOT NULL,
    incident TEXT NOT NULL, wall INTEGER NOT NULL, event TEXT NOT NULL,
    receipt_who TEXT, receipt_wall INTEGER, told_wall INTEGER,
    PRIMARY KEY (source, topic, sequence)
);
CREATE INDEX feed_incident ON feed (incident);

CREATE TABLE warnings (             -- about ledger and accounts, until they are read
    row INTEGER PRIMARY KEY, wall INTEGER NOT NULL,
    why TEXT NOT NULL,              -- damaged missing set_back chain accounts
    said TEXT NOT NULL, aside TEXT NOT NULL,
    wrong_row INTEGER,              -- chain: the first row that is not as it was written
    read_row INTEGER
);

CREATE TABLE cursors (topic TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE equipment (            -- one row a board: what is known of it
    board TEXT PRIMARY KEY, state TEXT NOT NULL,    -- here lost
    since_row INTEGER NOT NULL, since_wall INTEGER NOT NULL,
    heard_wall INTEGER,                             -- its last word before it was lost
    catalogue TEXT NOT NULL DEFAULT '',             -- the hash it speaks, when it is not ours
    counts TEXT NOT NULL DEFAULT ''                 -- of its own failures, as last told
) WITHOUT ROWID;

CREATE TABLE starts (               -- each start of a board, and its last word before it
    board TEXT NOT NULL, boot TEXT NOT NULL, row INTEGER NOT NULL,
    heard_wall INTEGER NOT NULL,
    torn INTEGER NOT NULL DEFAULT 0,                -- its flash had records it could not read
    PRIMARY KEY (board, boot)
) WITHOUT ROWID;

CREATE TABLE troubles (             -- other things the equipment lane shows, newest last
    row INTEGER PRIMARY KEY, wall INTEGER NOT NULL, kind TEXT NOT NULL, board TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX troubles_missing ON troubles (board) WHERE kind = 'missing';

CREATE TABLE desks (
    desk TEXT PRIMARY KEY, actor TEXT NOT NULL, role TEXT NOT NULL,
    listening INTEGER NOT NULL, since_wall INTEGER NOT NULL,
    street TEXT NOT NULL            -- the only one it listens for; empty: all
) WITHOUT ROWID;
CREATE INDEX desks_listening ON desks (desk) WHERE listening;

CREATE TABLE away (                 -- desks whose person has left for some minutes (离席)
    desk TEXT PRIMARY KEY, until_wall INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE actions (id TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE windows (              -- drills, by the ledger number that opened each
    id INTEGER PRIMARY KEY, purpose TEXT NOT NULL, minutes INTEGER NOT NULL,
    opened_by TEXT NOT NULL, opened_wall INTEGER NOT NULL, until_wall INTEGER NOT NULL,
    ended_row INTEGER, ended_wall INTEGER, ended_by TEXT
);
CREATE INDEX windows_open ON windows (id) WHERE ended_row IS NULL;

CREATE TABLE window_sites (
    site TEXT NOT NULL, window INTEGER NOT NULL, PRIMARY KEY (site, window)
) WITHOUT ROWID;
CREATE INDEX window_sites_window ON window_sites (window);

CREATE TABLE asks (                 -- roll calls and texts to read
    id TEXT PRIMARY KEY, row INTEGER NOT NULL, kind TEXT NOT NULL,  -- roll_call text
    text TEXT NOT NULL, minutes INTEGER NOT NULL,
    opened_by TEXT NOT NULL, opened_wall INTEGER NOT NULL, until_wall INTEGER NOT NULL,
    ended_row INTEGER, ended_wall INTEGER, ended_by TEXT
) WITHOUT ROWID;
CREATE INDEX asks_open ON asks (row) WHERE ended_row IS NULL;
CREATE INDEX asks_kind ON asks (kind, row);

CREATE TABLE ask_sites (            -- whom each is for, and who answered there
    ask TEXT NOT NULL, site TEXT NOT NULL, site_name TEXT NOT NULL,
    answered_row INTEGER, answered_wall INTEGER, who TEXT, late INTEGER NOT NULL,
    PRIMARY KEY (ask, site)
) WITHOUT ROWID;
CREATE INDEX ask_sites_missing ON ask_sites (site) WHERE answered_row IS NULL;

CREATE TABLE allwell (              -- 平安报 by day (+08:00); duress counts as one
    day TEXT NOT NULL, board TEXT NOT NULL, site TEXT NOT NULL, wall INTEGER NOT NULL,
    PRIMARY KEY (day, board)
) WITHOUT ROWID;

CREATE TABLE allwell_days (         -- whose deadline has passed; who was missing then, as JSON
    day TEXT PRIMARY KEY, wall INTEGER NOT NULL, missing TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE out_of_service (
    scope TEXT NOT NULL, id TEXT NOT NULL,          -- board or site
    until_wall INTEGER NOT NULL, reason TEXT NOT NULL,
    by TEXT NOT NULL, since_wall INTEGER NOT NULL, PRIMARY KEY (scope, id)
) WITHOUT ROWID;

CREATE TABLE proven (               -- the last test, drill or real press of a board
    board TEXT PRIMARY KEY, wall INTEGER NOT NULL, how TEXT NOT NULL  -- test drill press
) WITHOUT ROWID;

CREATE TABLE conditions (
    board TEXT NOT NULL, what TEXT NOT NULL,        -- mains tamper battery
    wrong INTEGER NOT NULL, since_wall INTEGER NOT NULL,
    boot TEXT NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (board, what)
) WITHOUT ROWID;

CREATE TABLE board_keys (           -- which inputs a board says it has
    board TEXT PRIMARY KEY, keys TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE shown (
    incident TEXT NOT NULL, desk TEXT NOT NULL, actor TEXT NOT NULL, wall INTEGER NOT NULL,
    PRIMARY KEY (incident, desk)
) WITHOUT ROWID;
"""

# raise the number when a projection's code, not its tables, has changed
VERSION = zlib.crc32(f"11 {PROJECTIONS}".encode()) & 0x7FFFFFFF

TABLES = [line.split()[2] for line in PROJECTIONS.splitlines() if line.startswith("CREATE TABLE")]


def prepare(db: sqlite3.Connection) -> bool:
    """Make the ledger's table and, when missing or of another version, empty projections.

    -> True when the projections must be replayed. The caller owns the transaction.
    """
    for statement in _statements(ledger.SCHEMA, ";\nCREATE"):
        db.execute(statement)
    if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return False
    for table in TABLES:
        db.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _statements(PROJECTIONS, ";\n"):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
    return True


def _statements(text: str, separator: str) -> list[str]:
    keep = separator[2:]
    parts = text.split(separator)
    whole = [parts[0], *(keep + part for part in parts[1:])]
    return [part for part in whole if part.strip()]
