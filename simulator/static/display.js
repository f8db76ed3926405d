// What a board's display says, in English: the firmware's own texts, piece by piece. What people
// wrote (a site, a name, a text to read) stays as it is.
const SAYS = [
  [/^启动中$/, "starting"],
  [/^未登记$/, "not enrolled"],
  [/^升级中$/, "updating"],
  [/^正常$/, "in contact"],
  [/^上次验证 (\d+) 天前$/, "proven $1 days ago"],
  [/^断线!有事请打 ?(.*)$/, "no hub! telephone $1"],
  [/^主机不认此终端,请打电话 ?(.*)$/, "not known to the hub: telephone $1"],
  [/^呼叫中$/, "calling"],
  [/^已送达值班室$/, "the duty room has it"],
  [/^已存,无人在席,请打 ?(.*)$/, "stored, nobody is there: telephone $1"],
  [/^值班员已接$/, "an officer has taken it"],
  [/^值班员 (.*) 已接$/, "taken by $1"],
  [/^未送达,请打 (.*)\(仍在重试\)$/, "not through: telephone $1 (still trying)"],
  [/^已送达,再次按下未送达$/, "stored; the later press is not"],
  [/^断线\(已送达\)$/, "link lost (stored before)"],
  [/^存满,请打 ?(.*)$/, "memory full: telephone $1"],
  [/^(.*?) ?求助$/, "$1 calls for help"],
  [/^灰键:知道了 \/ 长按:我接$/, "grey: heard / held: I take it"],
  [/^灰键:已读$/, "grey: read"],
  [/^发送中$/, "sending"],
  [/^已送达$/, "stored"],
  [/^点名:按灰键$/, "roll call: press grey"],
  [/^测试$/, "test"],
  [/^演练$/, "drill"],
  [/^已办结$/, "closed"],
  [/^已请求撤回,请等回电$/, "asked to withdraw: wait for a call"],
  [/^未存,勿断电$/, "not saved: keep the power on"],
];
const PREFIX = /^(演练|测试) (?=.)/;

function piece(text) {
  const prefix = text.match(PREFIX);
  if (prefix) return `${piece(prefix[1])}: ${piece(text.slice(prefix[0].length))}`;
  const found = SAYS.find(([zh]) => zh.test(text));
  return found ? text.replace(...found).trim() : text;
}

export const inEnglish = (text) => text.split(" · ").map(piece).join(" · ");
