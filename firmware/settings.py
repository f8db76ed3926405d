"""The figures of a board until its hub sends others (order `settings`)."""

DEFAULTS = {
    "covert": False,
    "duty_phone": "",
    "show_name": False,
    "debounce_ms": 50,
    "hold_ms": 3000,
    "test_hold_ms": 5000,
    "short_ms": 1000,
    "withdraw_from_ms": 2000,
    "withdraw_until_ms": 60000,
    "test_window_ms": 120000,
    "third_press_ms": 10000,
    "no_receipt_ms": 10000,
    "heartbeat_ms": 25000,
    "open_heartbeat_ms": 5000,
    "retry_first_ms": 1000,
    "retry_most_ms": 30000,
}
