"""The sound test (试音)."""

TEXTS: dict[str, tuple[str, str]] = {
    "key.sound_test": ("试音", "Sound test"),
    "key.print": ("打印", "Print"),
    "sounds.last": ("上次试音 {day} {time} {by}：{result}", "Last: {day} {time} {by}, {result}"),
    "sounds.last.none": ("还没有试过音", "Never tested yet"),
    "sounds.heard": ("都听到", "all heard"),
    "sounds.unheard": ("没有听全", "not all heard"),
    "sounds.ask": ("以上声音都听到了吗？", "Have you heard them all?"),
    "sounds.yes": ("听到了", "Yes"),
    "sounds.no": ("没有听全", "No"),
    "sound.press": ("报警：三短两高，每 5 秒", "Alarm: three short, two high, every 5 s"),
    "sound.soft": ("静默求助：同样节奏，低而轻", "Silent duress: the same, low and soft"),
    "sound.abnormal": ("异常：三声，每 30 秒", "Call me back: three pulses, every 30 s"),
    "sound.drill": ("演练：两响后同报警", "Drill: two ticks, then as an alarm"),
    "sound.test": ("测试：一声", "Test: one tone"),
    "sound.deadline": ("到时：两个音", "Deadline: two notes"),
    "sound.bell": ("市级或领导：一声铃", "City or leader: one bell"),
    "sound.equipment": ("设备：一声低音", "Equipment: one low note"),
    "sound.lost": ("与主机失去联系：一长一短", "No contact with the hub: long, short"),
    "js.sounds.off": ("声音未开启：先按空格键", "Sound is off: press the space bar first"),
    "answer.ok.sound_test": ("试音结果已记下。", "The sound test is on record."),
}
