import { type Actor, type Duration, SECOND } from "../../engine/index.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { collectGarbage } from "./gc.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import type { Volume } from "./volume.ts";

/** DEF_GC_THREAD_MIN_SLEEP_TIME, _MAX_, and _NOGC_ after a round without a victim. */
const SLEEP_MIN: Duration = 30 * SECOND;
const SLEEP_MAX: Duration = 60 * SECOND;
const SLEEP_WITHOUT_VICTIM: Duration = 300 * SECOND;
/** Nobody used the filesystem for so long: it is idle (DEF_IDLE_INTERVAL). */
const IDLE: Duration = 5 * SECOND;
/** Part of what users may have that is neither used nor free before it sleeps less (LIMIT_INVALID_BLOCK, LIMIT_FREE_BLOCK). */
const INVALID_SHARE = 0.4;
const FREE_SHARE = 0.4;

/** gc_thread_func: collects for writers who wait at once (gc_merge), and for nobody when nobody is there. */
export function* gcThread(volume: Volume): Actor {
  const { gc } = volume;
  let sleep = SLEEP_MIN;
  for (;;) {
    if (gc.writers.length === 0) yield* gc.thread.waitFor("gc_thread_func: sleep", sleep);
    if (gc.writers.length > 0) {
      yield* gc.lock.lock("gc_thread_func: gc_lock");
      const request = { foreground: false, onlyIfNeeded: true, sections: 1, operation: "f2fs_gc" };
      yield* collectGarbage(volume, request);
      gc.writers.wakeAll();
    } else if (mayCollect(volume) && gc.lock.tryLock()) {
      sleep = hasMuchInvalid(volume) ? shorter(sleep) : longer(sleep);
      const request = { foreground: false, sections: 0, operation: "f2fs_gc" };
      const { errno } = yield* collectGarbage(volume, request);
      if (errno) sleep = SLEEP_WITHOUT_VICTIM;
      // f2fs_balance_fs_bg: what it emptied is free after the next checkpoint.
      if (volume.prefree > 0) yield* writeCheckpoint(volume);
    } else sleep = longer(sleep);
  }
}

function mayCollect(volume: Volume): boolean {
  const isIdle = volume.context.engine.now - volume.lastRequest >= IDLE;
  return volume.options.background && isIdle && !volume.frozen && !volume.readOnly;
}

/** has_enough_invalid_blocks: collecting is worth its while, and free space is short. */
function hasMuchInvalid({ layout, segments, used }: Volume): boolean {
  const invalid = layout.userBlocks - used;
  const overprovisioned = layout.sections * BLOCKS_PER_SECTION - layout.userBlocks;
  const free = Math.max(0, segments.free * BLOCKS_PER_SECTION - overprovisioned);
  return invalid > layout.userBlocks * INVALID_SHARE && free < invalid * FREE_SHARE;
}

function longer(sleep: Duration): Duration {
  return sleep === SLEEP_WITHOUT_VICTIM ? sleep : Math.min(SLEEP_MAX, sleep + SLEEP_MIN);
}

function shorter(sleep: Duration): Duration {
  const from = sleep === SLEEP_WITHOUT_VICTIM ? SLEEP_MAX : sleep;
  return Math.max(SLEEP_MIN, from - SLEEP_MIN);
}
