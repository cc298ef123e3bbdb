import { Registry } from "../engine/index.ts";
import { arc } from "./arc.ts";
import { clock } from "./clock.ts";
import { fifo } from "./fifo.ts";
import { lru } from "./lru.ts";
import { min } from "./min.ts";
import { random } from "./random.ts";
import type { ReplacementEntry } from "./replacement.ts";
import { s3Fifo } from "./s3-fifo.ts";

/** The page-replacement policies of the textbooks and of the papers. */
export const replacements: Registry<ReplacementEntry> = new Registry("replacement policy", [
  fifo,
  clock,
  lru,
  random,
  arc,
  s3Fifo,
  min,
]);

export type { PageNumber, Replacement, ReplacementEntry, ReplacementOptions } from "./replacement.ts";
export { type ReplayOptions, replay } from "./replay.ts";
