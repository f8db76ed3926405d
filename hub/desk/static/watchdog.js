// The desk's metronome: a worker's timer keeps its pace in a hidden tab, a page's own does not.
setInterval(() => postMessage("tick"), 500);
