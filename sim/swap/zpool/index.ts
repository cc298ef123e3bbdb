import { Registry } from "../../engine/index.ts";
import { z3fold } from "./z3fold.ts";
import { zbud } from "./zbud.ts";
import type { ZpoolEntry } from "./zpool.ts";
import { zsmalloc } from "./zsmalloc.ts";

export {
  type Evict,
  type Handle,
  NO_MEMORY,
  type PagePort,
  TOO_LARGE,
  type Zpool,
} from "./zpool.ts";

/** Allocators of compressed memory. */
export const zpools: Registry<ZpoolEntry> = new Registry("zpool", [zbud, z3fold, zsmalloc]);
