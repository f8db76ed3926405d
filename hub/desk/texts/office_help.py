"""What `?` says on each page but the desk; one paragraph a line."""

TEXTS: dict[str, tuple[str, str]] = {
    "help.duty": (
        (
            "演练、点名、通知、检修都在这里登记，登记后各单位的终端马上知道。本页不响铃，响铃看值班席。\n"
            "点名和通知：单位按灰键应答；没有应答的打电话，问到了就在名字旁代录。\n"
            "平安报、久未试按的终端、市电断和箱体被打开，都列在右边，打电话逐个落实。"
        ),
        (
            "Drills, roll calls, texts and repairs are registered here, and boards know at once."
            " This page does not ring; the desk does.\n"
            "Roll calls and texts: sites answer with their grey key; telephone who does not, and"
            " put down beside the name who answered.\n"
            "All-well reports, boards not proven for long, mains lost and opened cases stand at"
            " the right: telephone one by one."
        ),
    ),
    "help.who": (
        (
            "选一个单位，看它此刻按下以后，第几秒、用什么办法叫到谁；✕ 是叫不到的，写着原因。\n"
            "“试一下”会真的去叫那个人，并记入台账：先打个招呼。\n"
            "谁在什么时段被通知，由管理员在“人员”里改；缺什么列在最上面。"
        ),
        (
            "Choose a site to see who would be reached after a press there now, in which second"
            " and how; ✕ reaches nobody, and says why.\n"
            "Trying a way calls that person in earnest and is on record: say so beforehand.\n"
            "Who is told at which hours an administrator changes under People; what is missing"
            " stands at the top."
        ),
    ),
    "help.leader": (
        (
            "没有办结的都在这一页，最急的在前；下面是到时要再问的。\n"
            "批示点两下：先点“批示”，再点一句话；值班席立刻看到，并记入台账。\n"
            "P 打印成一张 A5。受理、定级、办结在值班席上做。"
        ),
        (
            "All that is open is on this page, the gravest first; below is what is due.\n"
            "An instruction takes two taps: the word, then a sentence; the desk has it at once,"
            " on record.\n"
            "P prints one sheet of A5. Taking, grading and closing are done at the desk."
        ),
    ),
    "help.settings": (
        (
            "改一项、存一项；写错了会说明应当怎样写，原值不动。\n"
            "多数设置在值班主机重启后生效；没生效的会标出来。\n"
            "每次改动都记入台账，可在“变更”里看到改前改后。"
        ),
        (
            "Change one, save one; what is wrong is told, and the old value stays.\n"
            "Most take effect when the hub starts again; those that wait are marked.\n"
            "Every change is on record, and stands under Changes as before and after."
        ),
    ),
    "help.record": (
        (
            "每件事一行，一环扣一环：改动或删去任何一行，“核对整条链”都会指出是哪一行。\n"
            "查一个事件：点它的编号，先列出谁在何时知道，再列出全部记录。\n"
            "末行哈希抄下或打印，日后可以证明当时的台账没有被换过。"
        ),
        (
            "One row for every fact, each bound to the one before: whatever row is changed or"
            " taken out, the check names it.\n"
            "To look into an incident choose its id: who knew and when comes first, then all of"
            " its rows.\n"
            "Write down or print the last row's hash: it proves later that the ledger of today"
            " was not exchanged."
        ),
    ),
    "help.overview": (
        (
            "从上到下逐项做：做好的打勾。点一项就到那一页。\n"
            "管理员不受理报警；值班席上只看不动。\n"
            "改动都记入台账；地点、终端、人员的改动可在“变更”中恢复。"
        ),
        (
            "Do them from top to bottom; what is done has its tick. Each leads to its page.\n"
            "An administrator takes no alarm and only looks at the desk.\n"
            "Changes are on record; those of sites, boards and people can be put back under"
            " Changes."
        ),
    ),
    "help.sites": (
        (
            "一个地点是一个重点单位：学校、医院、水厂。值班员看到的联系人，是此刻该找的人。\n"
            "点名称修改。没有联系人的时段会写明，请补上夜班。\n"
            "删除之前先注销它的终端。"
        ),
        (
            "A site is one place to protect: a school, a hospital, a waterworks. The desk shows"
            " the contact of this very hour.\n"
            "Choose a name to change it. Hours without a contact are told: enter the guard.\n"
            "Revoke its boards before you remove a site."
        ),
    ),
    "help.boards": (
        (
            "登记后给出密钥，只显示一次：抄入终端，或打印后锁好。\n"
            "终端丢了：注销。密钥可能泄露：换密钥，再抄入终端。\n"
            "“从未联系”的终端：接电、接网，按住灰键 5 秒后按红键试一次。\n"
            "终端连不上：看 board.json 里的 host。127.0.0.1 只有本机能连，请技术员把 qianshao.toml"
            " 的 broker.address 改成本机在内网的地址，重启后再登记。"
        ),
        (
            "Enrolling shows the board's secret, this once: put it into the board, or print it"
            " and lock it away.\n"
            "A stolen board: revoke it. A secret that may be known: give it a new key.\n"
            "Never heard: connect power and network, hold the grey key for 5 s, then press red"
            " once as a test.\n"
            "It cannot connect: look at host in board.json. 127.0.0.1 is this machine alone; a"
            " technician puts the machine's own address into broker.address of qianshao.toml,"
            " starts the hub again, and the board is enrolled then."
        ),
    ),
    "help.changes": (
        (
            "最近的变更在上。删除线是原来的，粗体是后来的。\n"
            "“恢复原样”把这一次改动撤回，并作为新的一次变更记入台账。后来又改过的，先恢复后来的。"
        ),
        (
            "The newest stands first. Struck out is what was, bold what came.\n"
            "Put it back undoes that change, as a new change on record. What was changed again"
            " later must be put back from the latest on."
        ),
    ),
}
