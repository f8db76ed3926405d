// The desk's sound: every tone is generated, nothing is loaded.

const GAINS = [0.08, 0.2, 0.5, 1]; // by level -1 (a withdrawal was asked) to 2 (loudest)
const DEAD_MS = 3000;
const EDGE_S = 0.01;

// [start s, length s, Hz] of each pulse; a drill has two ticks before it
const PRESS = [[0, 0.16, 880], [0.3, 0.16, 880], [0.6, 0.16, 880], [1.2, 0.16, 1175], [1.5, 0.16, 1175]];
const TUNES = {
  press: PRESS,
  soft: [[0, 0.16, 440], [0.3, 0.16, 440], [0.6, 0.16, 440], [1.2, 0.16, 523], [1.5, 0.16, 523]],
  abnormal: [[0, 0.22, 587], [0.4, 0.22, 587], [0.8, 0.22, 587]],
  drill: [[0, 0.05, 660], [0.15, 0.05, 660], ...PRESS.map(([start, length, hertz]) => [start + 0.5, length, hertz])],
  test: [[0, 0.5, 660]],
  bell: [[0, 1.2, 1568]],
  deadline: [[0, 0.25, 587], [0.35, 0.4, 784]],
  equipment: [[0, 0.7, 220]],
  post: [[0, 0.15, 523], [0.2, 0.15, 659], [0.4, 0.3, 784]],
  lost: [[0, 0.9, 349], [1.1, 0.2, 349]],
};

export class Sound {
  /** Works at once where the browser has seen a gesture on this site, else at the next one. */
  enable() {
    this.context ??= new AudioContext();
    if (this.context.state !== "running") this.context.resume().catch(() => {});
  }

  /** Running, and its clock moves: a context whose device died says `running` too. */
  on() {
    if (this.context?.state !== "running") return false;
    if (this.context.currentTime !== this.moved) {
      this.moved = this.context.currentTime;
      this.movedAt = performance.now();
    }
    return performance.now() - this.movedAt < DEAD_MS;
  }

  /** `level` -1 to 2. -> how long it lasts, ms */
  play(tune, level) {
    for (const [start, length, hertz] of TUNES[tune]) {
      const tone = this.context.createOscillator();
      const gain = this.context.createGain();
      const at = this.context.currentTime + 0.02 + start;
      tone.type = level >= 2 ? "square" : "sine";
      tone.frequency.value = hertz;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(GAINS[level + 1], at + EDGE_S);
      gain.gain.setValueAtTime(GAINS[level + 1], at + length - EDGE_S);
      gain.gain.linearRampToValueAtTime(0, at + length);
      tone.connect(gain).connect(this.context.destination);
      tone.start(at);
      tone.stop(at + length);
    }
    return Math.max(...TUNES[tune].map(([start, length]) => start + length)) * 1000;
  }
}
