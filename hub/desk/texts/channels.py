"""Whom the hub tells, by which way, and what became of it (通知)."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- the ways: one line for each file of `hub/channels/`
    "channel.pager": ("呼叫终端", "Pager board"),
    "channel.desk": ("值班席", "Desk"),
    "channel.command": ("外接命令", "Configured command"),
    "channel.webhook": ("网络接口", "Webhook"),
    # --- why one cannot work now
    "missing.no_channel": ("没有这种方式", "there is no such way"),
    "missing.no_board": ("终端没有登记", "the board is not enrolled"),
    "missing.not_pager": ("该终端没有登记为呼叫终端", "the board is not enrolled as a pager"),
    "missing.board_never": ("终端从未联系", "the board was never heard"),
    "missing.board_lost": ("终端断线", "the board is lost"),
    "missing.broker": ("消息代理断开", "the broker is gone"),
    "missing.busy": ("终端自己正在报警", "the board has an alarm of its own"),
    "missing.simulated": ("虚拟终端，叫不醒人", "a virtual board wakes nobody"),
    "missing.not_listening": ("不在席", "not at a listening desk"),
    "missing.no_command": ("没有配置外接命令", "no command is configured"),
    "missing.not_url": ("网址不对", "not an URL"),
    "failed.timeout": ("没有及时答复", "no answer in time"),
    # --- receipts and the timeline
    "receipt.accepted": ("已转交", "accepted"),
    "receipt.delivered": ("已送达", "delivered"),
    "receipt.answered": ("本人已答", "answered"),
    "receipt.failed": ("未成功", "failed"),
    "line.notified": ("通知 {who}（{channel}）", "Telling {who} ({channel})"),
    "line.notice_receipt": (
        "回执 {who}（{channel}）：{state} {why}",
        "Receipt {who} ({channel}): {state} {why}",
    ),
    # --- nobody reachable
    "trouble.nobody_reachable": ("无人可通知 {detail}", "Nobody can be reached {detail}"),
    "trouble.somebody_reachable": ("已有人可通知 {detail}", "Somebody can be reached {detail}"),
    "banner.nobody": (
        "无人可通知：现在有人按下按钮，没有人会接到。{streets}",
        "Nobody can be reached: a press now would come to no person. {streets}",
    ),
}
