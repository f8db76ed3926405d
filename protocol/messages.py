"""The catalogue's text: every message between boards and hub, one readable line a field.

A line is `name type bounds # why`; `?` after the name: may be absent. Types:
hex N (N lower-case hex digits) · int A..B · one WORD.. · text N (characters) · flag ·
name (a press, `boot:number`) · names N (a list of at most N) · a PART (the part named) ·
many N PART (a list of at most N of the part named).
"""

TEXT = """
hello up
  boot       hex 16                    # drawn at each start of the board
  catalogue  hex 16                    # the hash of the catalogue this board speaks
  firmware   text 32                   # version of the board's program
  lamps      int 0..4                  # how many it has: its capability
  keys       text 60                   # the inputs it has, by name, one space between
  torn       int 0..65535              # outbox records that could not be read at this start
report up
  boot       hex 16                    # with number it names the report for ever
  number     int 1..4294967295         # from 1 within a boot
  kind       one alarm hold duress withdraw abnormal allwell answer test status
  age_ms     int 0..4294967295         # from the press to this sending
  reboots    int 0..65535              # since the press: the age is then "at least"
  about?     text 60                   # the press (boot:number), incident or ask it speaks of
  code?      text 16                   # answer: heard taken busy; status: its code
  was?       one stored taken closed   # offered again after the hub lost it: state on record
  text?      text 200
gone up
  boot       hex 16                    # the last will: the broker lost this board
heartbeat up
  boot         hex 16
  waiting_from int 1..4294967295       # the lowest number of this boot without a receipt
  open?        names 8                 # presses whose end is not known: asked for
  settings     int 0..4294967295       # version in force on the board, 0 = defaults
  ledger?      hex 16                  # birth of the ledger it last heard
  refused      int 0..65535            # messages from the hub it could not accept
  dropped      int 0..65535            # records given up for want of space, never an alarm
receipt down
  boot       hex 16
  number     int 1..4294967295
  answer     one stored later refused
  ledger     hex 16                    # as in state
  row        int 0..9007199254740991   # the ledger's last row when this was said
  listening  flag                      # as in state
  after_ms?  int 0..3600000            # later: offer it again after so long
  incident?  text 80                   # stored: the incident it belongs to
  state?     one stored taken closed   # stored: of that incident, as of `row`
  drill?     flag                      # stored: that incident is of a drill
  reason?    text 200
state down
  ledger     hex 16                    # another birth than last time: offer everything again
  row        int 0..9007199254740991   # a state older than what was heard is not heeded
  wall_ms    int 0..9007199254740991   # UTC since 1970
  listening  flag                      # a person sits at a desk that shows and sounds
  drill_ms?  int 0..3600000            # what is left of a drill window
  hello?     flag                      # this start's is not on record: say it again
  settings   int 0..4294967295         # version that should be in force
  presses    many 8 fate               # heartbeat.open answered; open ones the board forgot
  alerts     many 4 alert              # incidents this board should ring for
  asks?      many 4 ask                # what the grey key should answer: heard
fate part
  press      name
  state      one unknown stored taken closed
  incident?  text 80
  drill?     flag                      # that incident is of a drill
  forgotten? flag                      # an open alarm of this board that it did not ask for
  by?        text 40                   # who took it, if the site wants the name shown
alert part
  incident   text 80
  site       text 60
ask part
  id         text 40                   # the answer's `about`
  kind       one roll_call text        # 点名, or a text to read
  text       text 80
  left_ms    int 0..86400000           # of its window
order down
  kind       one settings alert
  version?   int 1..4294967295         # settings
  settings?  a settings
  alert?     a alert
settings part
  covert              flag             # no lamp and no sound: decided at installation
  duty_phone          text 40
  show_name           flag             # the display names who took it
  debounce_ms         int 10..500
  hold_ms             int 1000..10000
  test_hold_ms        int 2000..20000
  short_ms            int 200..2000
  withdraw_from_ms    int 0..60000
  withdraw_until_ms   int 1000..600000
  test_window_ms      int 10000..600000
  third_press_ms      int 1000..60000
  no_receipt_ms       int 2000..60000
  heartbeat_ms        int 2000..600000
  open_heartbeat_ms   int 1000..60000
  retry_first_ms      int 200..10000
  retry_most_ms       int 1000..300000
"""


def spoken(text):
    """Its lines without the prose: what is scanned and hashed. A field's line begins with one
    space, a message's with none."""
    lines = []
    for line in text.split("\n"):
        words = line.split("#")[0].split()
        lines.append((" " if line[:1] == " " else "") + " ".join(words))
    return "\n".join(lines)
