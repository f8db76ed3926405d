"""Levels (定级) and the leader's word (批示)."""

TEXTS: dict[str, tuple[str, str]] = {
    "level.0": ("未定级", "Not graded"),
    "level.1": ("I级 特别重大", "Level I, extremely serious"),
    "level.2": ("II级 重大", "Level II, serious"),
    "level.3": ("III级 较大", "Level III, large"),
    "level.4": ("IV级 一般", "Level IV, ordinary"),
    "key.grade": ("定级", "Grade"),
    "form.grade": ("定级", "Grade"),
    "line.graded": ("定级：{level}", "Graded: {level}"),
    "line.instructed": ("领导批示：{text}", "The leader says: {text}"),
    "instructed": ("领导有批示", "The leader has spoken"),
    "answer.ok.grade": ("级别已记下。", "Level recorded."),
    "answer.ok.instruct": ("批示已记下，开着的值班席立刻提示。", "Recorded; open desks show it."),
}
