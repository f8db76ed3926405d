"""Duty that is no incident (值守): drills, roll calls, daily reports, equipment and its proofs."""

TEXTS: dict[str, tuple[str, str]] = {
    # --- what it is
    "kind.abnormal": ("异常", "Call me back"),
    "kind.drill": ("演练", "Drill"),
    "outcome.drill": ("演练", "Drill"),
    "line.abnormal": ("按下异常：请回电", "Asks to be called back"),
    "line.made_real": ("转为真警", "Made real: it is no drill"),
    "trouble.roll_call_missing": (
        "点名未应 {detail} 家，见值守页",
        "roll call: {detail} sites did not answer, see Duty",
    ),
    "trouble.allwell_missing": (
        "平安报未报 {detail} 家，见值守页",
        "daily reports: {detail} sites are missing, see Duty",
    ),
    # --- answers to what is done
    "answer.is_drill": (
        "这是演练：请确认演练；若确有其事，请转为真警。",
        "This is a drill: confirm it, or make it real if something has happened.",
    ),
    "answer.not_drill": ("这起不是演练。", "This is no drill."),
    "answer.no_sites": ("请先选单位。", "Choose at least one site."),
    "answer.no_purpose": (
        "请写明演练内容（不超过 {most} 字）。",
        "Say what the drill is for, in at most {most} characters.",
    ),
    "answer.bad_minutes": ("时长应为 1 至 {most} 分钟。", "It may last 1 to {most} minutes."),
    "answer.gone": ("没有这一项，或已经结束。", "There is no such thing, or it has ended."),
    "answer.bad_text": (
        "请写要念的内容（不超过 {most} 字）。",
        "Write the text to be read, at most {most} characters.",
    ),
    "answer.no_name": (
        "请写接电话人的姓名和职务（不超过 {most} 字）。",
        "Say who answered the telephone, in at most {most} characters.",
    ),
    "answer.ok.open_roll_call": ("点名已发出。", "Roll call sent."),
    "answer.ok.send_text": ("通知已发出。", "Text sent."),
    "answer.ok.end_ask": ("已结束。", "Ended."),
    "answer.ok.answer_for": ("已代录。", "Recorded on behalf."),
    "answer.bad_until": (
        "请选今天或以后、{most} 天以内的日期。",
        "Choose a day from today on, at most {most} days ahead.",
    ),
    "answer.no_reason": (
        "请写检修原因（不超过 {most} 字）。",
        "Say why, in at most {most} characters.",
    ),
    "answer.ok.out_of_service": (
        "已登记检修，到期自行恢复。",
        "Out of service; it ends by itself.",
    ),
    "answer.ok.in_service": ("已恢复使用。", "In service again."),
    "answer.ok.open_drill": ("演练已登记，到时自行结束。", "Drill registered; it ends by itself."),
    "answer.ok.end_drill": ("演练已结束。", "Drill ended."),
    "answer.ok.confirm_drill": ("已确认为演练。", "Confirmed as a drill."),
    "answer.ok.make_real": ("已转为真警，正在响铃。", "Made real: it rings now."),
}
