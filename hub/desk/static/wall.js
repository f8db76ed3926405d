// The wall: it has no hands.
import { watch } from "./watch.js";

watch("wall");
