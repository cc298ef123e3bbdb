import { Registry } from "../../sim/engine/index.ts";
import { file } from "./file.ts";
import { hotcold } from "./hotcold.ts";
import type { PatternEntry } from "./pattern.ts";
import { phase } from "./phase.ts";
import { pingpong } from "./pingpong.ts";
import { seq } from "./seq.ts";
import { stride } from "./stride.ts";
import { uniform } from "./uniform.ts";
import { zipf } from "./zipf.ts";

/** All access patterns. */
export const patterns: Registry<PatternEntry> = new Registry("pattern", [
  seq,
  uniform,
  zipf,
  hotcold,
  phase,
  stride,
  pingpong,
  file,
]);

export type { PatternEntry, PatternOptions } from "./pattern.ts";
