"""The first run: the duty room, its sites from a sheet, and what is wrong with a sheet."""

TEXTS: dict[str, tuple[str, str]] = {
    "tab.setup": ("建站", "Set-up"),
    "done.imported": (
        "已导入，已记入台账；整批可在“变更”中恢复。",
        "Imported, and on record; the whole of it can be put back under Changes.",
    ),
    "restart": (
        (
            "设置已存好，但值班主机还在用旧的：请技术员停掉值班主机（Ctrl-C），再用原来的命令启动"
            "（约 3 秒，终端会自动重发）。"
        ),
        (
            "The settings are saved, but the hub still runs with the old ones: stop it (Ctrl-C)"
            " and start it by the same command (about 3 s; boards offer again by themselves)."
        ),
    ),
    "setup.room": ("值班室", "Duty room"),
    "setup.sites": ("街道和地点", "Streets and sites"),
    "setup.sites.more": (
        "从表格导入：一行一个联系人，同一地点可写多行。Excel 请另存为 CSV，或直接复制粘贴到下面。",
        (
            "From a sheet: one line a contact, several lines for one site. Save a workbook as"
            " CSV, or copy its cells and paste them below."
        ),
    ),
    "setup.sample": ("下载样表", "Download a sample"),
    "setup.already": (
        "已有 {count} 个地点：同名的按表格更新，表格里没有的保持不变。",
        "{count} sites are there: the same name is brought up to date, others stay as they are.",
    ),
    "setup.file": ("表格文件", "File"),
    "setup.paste": ("或粘贴在这里", "Or paste it here"),
    "setup.look": ("先看一看", "Look at it first"),
    "setup.look.more": ("还不会存入任何东西", "Nothing is entered yet"),
    "setup.preview": ("导入前请核对", "Look it over before it is entered"),
    "setup.what": ("将要", "Will be"),
    "setup.new": ("新增", "new"),
    "setup.changed": ("更新", "changed"),
    "setup.same": ("不变", "as it is"),
    "setup.counts": (
        "新增 {new} 个，更新 {changed} 个，不变 {same} 个。",
        "{new} new, {changed} changed, {same} as they are.",
    ),
    "setup.unread": ("没有用到的列：{headings}", "Columns that are not used: {headings}"),
    "setup.more": (
        "还有 {count} 个未列出，也会一起导入。",
        "{count} more, not listed, come with them.",
    ),
    "setup.import": ("导入", "Import"),
    "setup.undo": ("导错了可在“变更”中整批恢复。", "A mistake can be put back as a whole."),
    "setup.faults": ("表格中的错误", "What is wrong in the sheet"),
    "setup.then": ("然后", "Then"),
    "field.room": ("值班室名称", "Duty room"),
    "field.duty_phone": ("值班电话", "Duty phone"),
    "field.sheet": ("表格", "Sheet"),
    "hint.duty_phone": ("印在每个按钮的标签和屏上", "On every button's label and display"),
    "fault.sheet_more": ("还有 {count} 处没有列出。", "{count} more are not listed."),
    "fault.sheet_faults": (
        "没有导入：请改正下列各处，再看一看。一处有错就一个也不导入。",
        "Not imported: mend what is listed and look again. With one fault nothing is entered.",
    ),
    "fault.cell": (
        "第 {line} 行 {column} 列，{field}：{why}",
        "Line {line}, column {column}, {field}: {why}",
    ),
    "fault.workbook": (
        "这是 Excel 工作簿：请在 Excel 里“另存为”CSV，再上传。",
        "this is a workbook: save it as CSV first.",
    ),
    "fault.encoding": (
        "文字编码认不出来：请另存为 UTF-8 或 GB18030 的 CSV。",
        "its encoding is not known: save it as CSV in UTF-8 or GB18030.",
    ),
    "fault.csv": (
        "从这一行起读不下去：有英文双引号没有成对，或一格太长。",
        "it cannot be read from this line on: a quote is not closed, or a cell is too long.",
    ),
    "fault.swallowed": (
        "这一格里有整行的内容：开头的英文双引号没有在本格结束，请补上或删去。",
        "whole lines stand in this cell: the quote that opens it is not closed in it.",
    ),
    "fault.same_line": (
        "“{value}”的同一段时间在本地点已经写过：联系人只写一次，这里的联系人各格请留空。",
        "“{value}” with the same hours stands at this site already: leave the cells empty here.",
    ),
    "fault.heading_twice": ("这一列的表头前面已有。", "its heading stands further left already."),
    "fault.too_large": (
        "没有导入：这份表超过 1 MB。请分成几份，一份一份导入。",
        "Not imported: this sheet is above 1 MB. Split it, and import the parts one by one.",
    ),
    "fault.heading": (
        "缺少这一列：第一行应是列名，见样表。",
        "this column is missing: the first line names the columns, see the sample.",
    ),
    "fault.no_lines": ("里面没有地点。", "there is no site in it."),
    "fault.nothing": (
        "请先选一个文件，或把表格粘贴进来。",
        "choose a file first, or paste the sheet.",
    ),
    "fault.over": (
        "这一格没有列名：“{value}”。文字里有逗号时，请给整格加英文双引号。",
        "this cell has no heading: “{value}”. A text with a comma goes into double quotes.",
    ),
    "fault.two_values": (
        "同一地点前面写的不是“{value}”：请写成一样，或合在一格里。",
        "an earlier line of this site says other than “{value}”: make them one.",
    ),
    "fault.two_ids": ("同一地点写了两个编号：{value}", "one site has two ids: {value}"),
    "fault.twice": ("“{value}”已给了另一个地点。", "“{value}” is another site's in this sheet."),
    "help.setup": (
        (
            "第一次用：先填值班室名称和电话，再导入地点，再登记终端。上面一排是进度。\n"
            "表格里空着的街道、地点沿用上一行（合并单元格也可以）。时间、星期空着就是全天、每天。\n"
            "电话列请设为“文本”，否则 Excel 会丢掉开头的 0。"
        ),
        (
            "The first time: name and phone of the duty room, then the sites, then the boards. The"
            " row above shows how far it is.\n"
            "An empty street or site means the one above, as in merged cells. No hours, no days:"
            " all day, every day.\n"
            "Set the phone column to text, or the spreadsheet drops a leading 0."
        ),
    ),
}
