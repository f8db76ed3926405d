"""The board as one literal: what a process on a PC has of the smallest kit."""

BOARD = {
    "model": "unix",
    "pins": {"alarm": "input", "confirm": "input", "duress": "input"},  # lines of FOLDER/input
    "keys": ("alarm", "confirm", "duress"),
    "conditions": ("mains", "tamper", "battery"),  # lines of FOLDER/input, too
    "lamps": 3,
    "has": {"buzzer": True, "display": True, "clock": True, "wired": False},
    "flash": {"block_bytes": 4096, "blocks": 32},
}
