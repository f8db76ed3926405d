"""At the post (在岗): away, back, relief, and two at one desk."""

TEXTS: dict[str, tuple[str, str]] = {
    "key.away": ("离席 {n} 分钟", "Away for {n} min"),
    "sound.post": ("在岗询问：三声上行", "Still there? Three rising notes"),
    "js.post.away": (
        "离席中，还有 {n} 分钟：本席不值守，有报警立即呼叫终端。回来按任意键",
        "Away, {n} min left: not listening, calls ring the pagers at once. Back: any key",
    ),
    "js.post.over": (
        "离席时间已到，本席仍不值守：回来请按任意键",
        "The time away is over and this desk still does not listen: press any key",
    ),
    "js.post.ask": (
        "还在岗？请按任意键；{n} 分钟后本席不再值守",
        "Still there? Press any key; in {n} min this desk no longer listens",
    ),
    "js.post.gone": (
        "久无人操作，本席已不值守，有报警立即呼叫终端：请按任意键",
        "Untouched for long: not listening, calls ring the pagers at once. Press any key",
    ),
}
