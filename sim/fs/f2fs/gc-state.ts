import { type Engine, Mutex, WaitQueue } from "../../engine/index.ts";
import type { F2fsFile } from "./file.ts";

/** What garbage collection remembers between two rounds. */
export class GcState {
  /** gc_lock: one collection at a time. */
  lock: Mutex;
  /** The thread sleeps here. */
  thread: WaitQueue;
  /** Writers wait here for a free section (fggc_wq). */
  writers: WaitQueue;
  /** Section that is being collected in the foreground. */
  victim = -1;
  /** Sections that the background began with; the foreground takes them first (victim_secmap). */
  readonly begun: Set<number> = new Set();
  /** Sections that a foreground collection met pinned blocks in (pinned_secmap). */
  readonly pinned: Set<number> = new Set();
  /** False: there is nothing else to collect, so pinned files lose their patience (enable_pin_section). */
  skipsPinned = true;
  /** Where the next search in the background begins. */
  last = 0;
  /** Files that could not be locked in this round (skipped_gc_rwsem). */
  skippedLocks = 0;

  constructor(engine: Engine) {
    this.lock = new Mutex(engine, "gc_lock");
    this.thread = new WaitQueue(engine, "f2fs_gc");
    this.writers = new WaitQueue(engine, "fggc");
  }

  /** f2fs_unpin_all_sections. */
  unpinAll(skipsPinned: boolean): void {
    this.pinned.clear();
    this.skipsPinned = skipsPinned;
  }

  /** The mount after a power loss. */
  reset(engine: Engine): void {
    this.lock = new Mutex(engine, "gc_lock");
    this.thread = new WaitQueue(engine, "f2fs_gc");
    this.writers = new WaitQueue(engine, "fggc");
    this.victim = -1;
    this.begun.clear();
    this.unpinAll(true);
  }
}

/**
 * Why a pinned file is not moved now; undefined if it may be (f2fs_gc_pinned_control). "stop": the section is left alone as
 * a whole; "skip": only this file's blocks are.
 */
export function pinnedControl(
  gc: GcState,
  file: F2fsFile,
  section: number,
  foreground: boolean,
  giveUp: (file: F2fsFile) => void,
): "stop" | "skip" | undefined {
  if (!file.isPinned) return undefined;
  if (!foreground) return "skip";
  if (gc.skipsPinned) gc.pinned.add(section);
  else giveUp(file);
  return "stop";
}
