import { Registry } from "../../engine/index.ts";
import type { SwapStrategy } from "../transport.ts";
import { bmap } from "./bmap.ts";
import { directIo } from "./direct-io.ts";
import { partition } from "./partition.ts";
import { pinned } from "./pinned.ts";
import { readpage } from "./readpage.ts";
import { swapRw } from "./swap-rw.ts";

/** Every way to reach the disk. */
export const strategies: Registry<SwapStrategy> = new Registry("strategy", [
  partition,
  bmap,
  pinned,
  readpage,
  directIo,
  swapRw,
]);
