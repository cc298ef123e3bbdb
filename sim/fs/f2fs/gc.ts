import { Bio, HistoryVerb } from "../../block/index.ts";
import type { Actor, BlockNumber, Pages } from "../../engine/index.ts";
import { usualFsCosts } from "../costs.ts";
import type { Errno } from "../errno.ts";
import { writeCheckpoint, writeNodes } from "./checkpoint.ts";
import type { F2fsFile } from "./file.ts";
import { waitForAll } from "./file-io.ts";
import { pinnedControl } from "./gc-state.ts";
import { BLOCKS_PER_SECTION } from "./layout.ts";
import { selectVictim } from "./victim.ts";
import type { Volume } from "./volume.ts";

/** Free sections, beyond what writers need, at which collected ones are made free by a checkpoint (NR_GC_CHECKPOINT_SECS). */
const CHECKPOINT_AT = 3;
/** Rounds that may end at locked files before a checkpoint is tried instead (MAX_SKIP_GC_COUNT). */
const SKIPPED_ROUNDS_MAX = 16;

/** How a collection is asked for (f2fs_gc_control). */
export interface GcRequest {
  /** Moves what it must at once; otherwise only if free sections run out. */
  readonly foreground: boolean;
  /** A writer waits: nothing is done if free sections are enough after all (no_bg_gc). */
  readonly onlyIfNeeded?: boolean;
  /** Sections to make free. */
  readonly sections: number;
  /** Name of the step or of the thread, for the record of what it moved. */
  readonly operation: string;
}

/** What came of it. */
export interface Collected {
  /** ENODATA: there was nothing to collect. */
  readonly errno: Errno | undefined;
  /** Sections that are empty now. */
  readonly sections: number;
  readonly moved: Pages;
}

/** f2fs_gc: the caller holds gc_lock, which is free afterwards. */
export function* collectGarbage(volume: Volume, request: GcRequest): Actor<Collected> {
  const { gc } = volume;
  const total = { sections: 0, moved: 0 };
  let { foreground } = request;
  let errno: Errno | undefined;
  let rounds = 0;
  let skippedRounds = 0;
  for (;;) {
    gc.skippedLocks = 0;
    if (!foreground && volume.lacksFreeSections()) {
      if (volume.prefree > 0) yield* writeCheckpoint(volume);
      foreground = volume.lacksFreeSections();
    }
    if (!foreground && request.onlyIfNeeded) {
      errno = "EINVAL";
      break;
    }
    const victim = nextVictim(volume, foreground);
    if (victim === undefined) {
      errno = "ENODATA";
      break;
    }
    const { freed, moved, failed } = yield* collectSection(volume, victim, foreground, request.operation);
    total.moved += moved;
    if (freed) total.sections++;
    if (failed) {
      errno = "EIO";
      break;
    }
    const enough = request.foreground || !volume.lacksFreeSections(foreground ? total.sections : 0);
    if (enough && !(foreground && total.sections < request.sections)) break;
    if (!enough && foreground) {
      rounds++;
      if (gc.skippedLocks > 0) skippedRounds++;
      if (skippedRounds > SKIPPED_ROUNDS_MAX && 2 * skippedRounds >= rounds) {
        yield* writeCheckpoint(volume);
        break;
      }
    }
    const wanted = Math.ceil(volume.dirtyNodes / BLOCKS_PER_SECTION) + CHECKPOINT_AT;
    if (!enough && volume.segments.free <= wanted && volume.prefree > 0) yield* writeCheckpoint(volume);
  }
  if (foreground) gc.unpinAll(true);
  gc.lock.unlock();
  return { errno, ...total };
}

/** If nothing else is left, sections with pinned blocks are victims as well, and their files lose patience. */
function nextVictim(volume: Volume, foreground: boolean): number | undefined {
  const { gc } = volume;
  const victim = selectVictim(volume, foreground);
  if (victim !== undefined || !foreground || gc.pinned.size === 0) return victim;
  gc.unpinAll(false);
  return selectVictim(volume, foreground);
}

/** f2fs_pin_file_control: so many failures more, and the pin is gone when there were too many. */
function losePatience(volume: Volume, file: F2fsFile, failures: number): void {
  file.gcFailures += failures;
  volume.changed(file);
  hasLostPatience(volume, file);
}

/** The file was met too often: it is not pinned any more, and cannot be. */
export function hasLostPatience({ options, context }: Volume, file: F2fsFile): boolean {
  if (file.gcFailures <= options.pinThreshold) return false;
  file.isPinned = false;
  const trials = file.gcFailures.toString(16);
  context.log(`F2FS-fs: f2fs_pin_file_control: Enable GC = ino ${file.number} after ${trials} GC trials`);
  return true;
}

/** Blocks of a file that lie one behind the other, in the file and on the device. */
interface Run {
  readonly file: F2fsFile;
  readonly first: Pages;
  readonly place: BlockNumber;
  count: Pages;
}

/** do_garbage_collect: moves what a section holds to the log of cold data. */
function* collectSection(
  volume: Volume,
  section: number,
  foreground: boolean,
  operation: string,
): Actor<{ readonly freed: boolean; readonly moved: Pages; readonly failed: boolean }> {
  const { gc, segments, context } = volume;
  const { costs = usualFsCosts } = context;
  if (foreground) gc.victim = section;
  yield* context.processors.run("do_garbage_collect", costs.f2fsCollectSection);
  const { runs, nodes } = liveIn(volume, section);
  let moved = 0;
  let failed = false;
  if (!meetsPinned(volume, section, runs, foreground, operation)) {
    for (const run of runs) {
      // Filled up meanwhile: there is nothing to gain any more.
      if (run.file.isPinned || segments.validIn(section) === BLOCKS_PER_SECTION) continue;
      const errno = yield* moveRun(volume, run, operation);
      if (errno) failed = true;
      else moved += movedOf(run);
    }
    const here = nodes.filter(({ file, node, place }) => file.nodes[node] === place);
    if (!(yield* writeNodes(volume, here))) failed = true;
    moved += here.length;
  }
  if (foreground) gc.victim = -1;
  const freed = segments.validIn(section) === 0;
  return { freed, moved, failed };
}

/** What a section holds that is needed (is_alive), as runs. */
function liveIn(volume: Volume, section: number) {
  const { segments } = volume;
  const runs: Run[] = [];
  const nodes: { file: F2fsFile; node: number; place: BlockNumber }[] = [];
  const start = segments.startOf(section);
  for (let place = start; place < start + BLOCKS_PER_SECTION; place++) {
    const summary = segments.summaryOf(place);
    const file = summary && volume.inode(summary.inode);
    if (!summary || !file) continue;
    const { index, isNode } = summary;
    if (isNode && file.nodes[index] === place) nodes.push({ file, node: index, place });
    if (isNode || file.at(index) !== place) continue;
    const last = runs.at(-1);
    const joins =
      last?.file === file && place === last.place + last.count && index === last.first + last.count;
    if (last && joins) last.count++;
    else runs.push({ file, first: index, place, count: 1 });
  }
  return { runs, nodes };
}

/** Whether a pinned file keeps the whole section from being collected. */
function meetsPinned(
  volume: Volume,
  section: number,
  runs: readonly Run[],
  foreground: boolean,
  operation: string,
): boolean {
  const counts = foreground && volume.context.faults?.has("noPinnedSections") === true;
  for (const { file, first, count } of runs) {
    if (counts && file.isPinned) losePatience(volume, file, count);
    const control = pinnedControl(volume.gc, file, section, foreground && !counts, () =>
      losePatience(volume, file, 1),
    );
    if (control === undefined) continue;
    const reason = "f2fs_gc_pinned_control: the file is pinned";
    volume.context.observer.relocated(file.owner, first, count, "skipped", operation, reason);
    if (control === "stop") return true;
  }
  return false;
}

/** move_data_page, for a run: read, written to a new place, and from then on found there. */
function* moveRun(volume: Volume, run: Run, operation: string): Actor<Errno | undefined> {
  const { file, first, place, count } = run;
  const { gc, device, context } = volume;
  if (!file.gcReadLock.tryLockExclusive()) {
    gc.skippedLocks++;
    return undefined;
  }
  if (!file.gcLock.tryLockExclusive()) {
    file.gcReadLock.unlockExclusive();
    gc.skippedLocks++;
    return undefined;
  }
  yield* file.pageLock.lockExclusive("move_data_page: page lock");
  const read = Bio.read(place, count);
  const status = yield* device.submitAndWait(read, "move_data_page: read");
  const bios = status === "ok" ? submitMoves(volume, file, first, place, read) : [];
  const errno = yield* waitForAll(volume, bios, "move_data_page: write");
  file.pageLock.unlockExclusive();
  file.gcLock.unlockExclusive();
  file.gcReadLock.unlockExclusive();
  if (movedOf(run) > 0)
    context.observer.relocated(file.owner, first, count, "moved", operation, "move_data_page");
  return status === "ok" ? errno : "EIO";
}

/** Blocks of a run that lie elsewhere now. */
function movedOf({ file, first, place, count }: Run): Pages {
  let moved = 0;
  for (let offset = 0; offset < count; offset++) if (file.at(first + offset) !== place + offset) moved++;
  return moved;
}

function submitMoves(
  volume: Volume,
  file: F2fsFile,
  first: Pages,
  from: BlockNumber,
  read: Bio,
): readonly Bio[] {
  const bios: Bio[] = [];
  for (let offset = 0; offset < read.count; offset++) {
    const block = first + offset;
    const old = from + offset;
    // Truncated while it was read.
    if (file.at(block) !== old) continue;
    const place = volume.allocate("coldData", file, block);
    const bio = Bio.writeRun(place, 1, read.contentAt(offset));
    const isUnwritten = file.unwritten.has(block);
    volume.blocksInFlight++;
    bio.end = ({ status }) => {
      volume.blocksInFlight--;
      if (status !== "ok" || file.at(block) !== old) volume.giveUp(place);
      else {
        volume.note(HistoryVerb.MovedAway, old, file, block);
        volume.setPlace(file, block, place);
        if (isUnwritten) file.unwritten.add(block);
      }
    };
    bios.push(bio);
  }
  for (const bio of bios) volume.device.submit(bio);
  return bios;
}
