import { type BlockNumber, fail, type Instant } from "../../engine/index.ts";
import { BLOCKS_PER_SECTION, type LogStarts } from "./layout.ts";
import type { Segments, Summary } from "./segments.ts";

/** The logs of a mount (CURSEG_*): by how soon what they hold is expected to change. */
export type LogName = keyof LogStarts | "coldDataPinned";

/** Where a log goes on writing. */
interface Log {
  section: number;
  /** Next block of the section; as many as a section has: full. */
  offset: number;
  /** Fills the gaps of a used section (SSR) instead of a free one (LFS). */
  reuses: boolean;
}

/** Logs of nodes and of blocks of files keep to sections of their own. */
function isForNodes(name: LogName): boolean {
  return name.endsWith("Node");
}

/** What the logs need to know of the rest. */
export interface LogPolicy {
  /** Free sections are so few that gaps are filled (f2fs_need_SSR). */
  needsReuse(): boolean;
  /** A section is being collected, or will be soon: its gaps are not filled (cur_victim_sec, victim_secmap). */
  isVictim(section: number): boolean;
  /** Free sections are looked for from the front (ALLOC_MODE_REUSE). */
  readonly fromFront: boolean;
}

/**
 * The logs that everything is written to, block after block. Each stands before a block that it can use, so that a block
 * is had without any waiting.
 */
export class Logs {
  readonly #segments: Segments;
  readonly #policy: LogPolicy;
  readonly #logs = new Map<LogName, Log>();

  constructor(segments: Segments, policy: LogPolicy) {
    this.#segments = segments;
    this.#policy = policy;
  }

  /** The logs of a fresh filesystem. */
  open(starts: LogStarts): void {
    this.#logs.clear();
    for (const [name, section] of Object.entries(starts) as [LogName, number][]) this.#begin(name, section);
  }

  /** Where every log stands, for a checkpoint; the log of pinned files is not kept. */
  capture(): ReadonlyMap<LogName, Log> {
    const kept = [...this.#logs].filter(([name]) => name !== "coldDataPinned");
    return new Map(kept.map(([name, log]) => [name, { ...log }]));
  }

  /** The mount after a power loss: logs stand where the checkpoint says, and their sections are no longer free. */
  restore(logs: ReadonlyMap<LogName, Log>): void {
    this.#logs.clear();
    for (const [name, log] of logs) {
      if (this.#segments.isFree(log.section)) this.#segments.take(log.section, isForNodes(name));
      this.#logs.set(name, { ...log });
    }
  }

  /** A log is in the section: nobody collects it, and it is not free. */
  holds(section: number): boolean {
    for (const log of this.#logs.values()) if (log.section === section) return true;
    return false;
  }

  /** The next block of a log, which from now on holds what the summary says (f2fs_allocate_data_block). */
  allocate(name: LogName, summary: Summary, now: Instant): BlockNumber {
    const log = this.#logs.get(name) ?? this.#goOn(name, 0);
    const block = this.#next(log);
    this.#segments.setValid(block, summary, now);
    this.#advance(name, log);
    return block;
  }

  /** Blocks that a log can take before it needs another section. */
  roomIn(name: LogName): number {
    const log = this.#logs.get(name);
    return log ? BLOCKS_PER_SECTION - log.offset : 0;
  }

  /** Leaves so many blocks of a log unused, as if another file had been written in between and was deleted long ago. */
  skip(name: LogName, blocks: number): void {
    for (let skipped = 0; skipped < blocks; skipped++) {
      this.#advance(name, this.#logs.get(name) ?? fail("a log that is left open is there"));
    }
  }

  /**
   * The log goes on at the start of a free section, unless it stands at one (f2fs_allocate_new_section). False if no
   * section is free; the kernel would stop with a BUG.
   */
  beginSection(name: LogName): boolean {
    const log = this.#logs.get(name);
    if (log && log.offset === 0 && this.#segments.validIn(log.section) === 0) return true;
    const section = this.#segments.nextFree(this.#policy.fromFront ? 0 : (log?.section ?? 0));
    if (section < 0) return false;
    if (log) this.#leave(name, log);
    this.#begin(name, section);
    return true;
  }

  #begin(name: LogName, section: number): Log {
    this.#segments.take(section, isForNodes(name));
    const log = { section, offset: 0, reuses: false };
    this.#logs.set(name, log);
    return log;
  }

  #advance(name: LogName, log: Log): void {
    log.offset = this.#nextUsable(log.section, log.offset + 1);
    if (!this.#isFull(log)) return;
    this.#leave(name, log);
    this.#goOn(name, log.section, log);
  }

  /** new_curseg or change_curseg: a free section, or the gaps of a used one. `last` is the section that is full. */
  #goOn(name: LogName, last: number, log?: Log): Log {
    const wantsGaps = log !== undefined && name !== "coldDataPinned" && this.#policy.needsReuse();
    const gaps = wantsGaps ? this.#sectionWithGaps(isForNodes(name)) : undefined;
    // What changes often is at the front of the device (no_heap); on a large volume the rest follows its own log.
    const fromFront = this.#policy.fromFront || name === "hotData" || isForNodes(name);
    const free = gaps === undefined ? this.#segments.nextFree(fromFront ? 0 : last) : -1;
    if (free >= 0) return this.#begin(name, free);
    // Where gaps are none either, the kernel stops with a BUG; sections that only collection may use keep it from that.
    const section =
      gaps ?? this.#sectionWithGaps(isForNodes(name)) ?? fail("f2fs finds room while space is left");
    const reusing = { section, offset: this.#nextUsable(section, 0), reuses: true };
    this.#logs.set(name, reusing);
    return reusing;
  }

  #leave(name: LogName, log: Log): void {
    this.#logs.delete(name);
    this.#segments.giveBackIfEmpty(log.section);
  }

  /** get_ssr_segment: the used section of its kind that the last checkpoint needs least of, if it has a gap. */
  #sectionWithGaps(forNodes: boolean): number | undefined {
    const segments = this.#segments;
    let best: number | undefined;
    for (let section = 0; section < segments.sections; section++) {
      if (segments.isFree(section) || segments.validIn(section) === 0 || this.holds(section)) continue;
      if (segments.holdsNodes(section) !== forNodes || this.#policy.isVictim(section)) continue;
      if (best !== undefined && segments.checkpointedIn(section) >= segments.checkpointedIn(best)) continue;
      if (this.#nextUsable(section, 0) < BLOCKS_PER_SECTION) best = section;
    }
    return best;
  }

  #next({ section, offset }: Log): BlockNumber {
    return this.#segments.startOf(section) + offset;
  }

  #nextUsable(section: number, from: number): number {
    const start = this.#segments.startOf(section);
    let offset = from;
    while (offset < BLOCKS_PER_SECTION && !this.#segments.isUsable(start + offset)) offset++;
    return offset;
  }

  #isFull({ offset }: Log): boolean {
    return offset >= BLOCKS_PER_SECTION;
  }
}
