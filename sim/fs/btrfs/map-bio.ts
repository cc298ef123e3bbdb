import { Bio, type BioOperation, type BlockContent, createPayload, type Payload } from "../../block/index.ts";
import type { Actor, BlockNumber, Pages } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { BlockGroup } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";

/** Blocks of one bio. An estimate: 1 MiB, as plugs and device limits make them. */
export const BIO_BLOCKS: Pages = 256;

/** What a write puts into blocks [first, first + count) of a file or tree. */
export interface WriteContents {
  readonly first: Pages;
  readonly count: Pages;
  /** A run of consecutive generations, … */
  readonly run?: BlockContent;
  /** … or explicit contents, one entry a block. */
  readonly payload?: Payload;
}

/** The part of the contents for blocks [first, first + count). */
export function sliceOf(contents: WriteContents, first: Pages, count: Pages): WriteContents {
  const from = first - contents.first;
  if (from === 0 && count === contents.count) return contents;
  const { run, payload } = contents;
  if (run) {
    return {
      first,
      count,
      run: { ...run, generation: run.generation + from, index: run.index + from },
    };
  }
  return { first, count, payload: slicePayload(payload!, from, count) };
}

/** The contents block by block. */
export function payloadOfWrite({ count, run, payload }: WriteContents): Payload {
  if (payload) return payload;
  const made = createPayload(count);
  for (let at = 0; at < count; at++) made.generation[at] = run!.generation + at;
  made.owner.fill(run!.owner);
  for (let at = 0; at < count; at++) made.index[at] = run!.index + at;
  return made;
}

/** Entries [from, from + count) of a payload. */
export function slicePayload(payload: Payload, from: number, count: number): Payload {
  return {
    generation: payload.generation.slice(from, from + count),
    owner: payload.owner.slice(from, from + count),
    index: payload.index.slice(from, from + count),
  };
}

/**
 * btrfs_submit_bio for a write: bios for every copy, cut where the chunk changes devices. The bio to a missing device has
 * failed before it is submitted; a device that is being replaced is written together with its replacement. Which file or
 * tree it is for makes no difference here.
 */
export function submitWrite({ volumes }: FsInfo, logical: BlockNumber, contents: WriteContents): Bio[] {
  const bios: Bio[] = [];
  const group = volumes.groupAt(logical);
  for (let offset = 0; offset < contents.count; ) {
    const count = Math.min(BIO_BLOCKS, group.contiguous(logical + offset, contents.count - offset));
    const part = sliceOf(contents, contents.first + offset, count);
    for (let mirror = 0; mirror < group.profile.copies; mirror++) {
      const { stripe, block } = group.place(logical + offset, mirror);
      const targets = volumes.writeTargets(stripe);
      for (const { device } of targets) {
        const bio = part.payload
          ? Bio.writePayload(block, part.payload)
          : Bio.writeRun(block, count, part.run!);
        bio.piece = offset;
        device.submit(bio);
        bios.push(bio);
      }
      if (targets.length === 0) bios.push(missingDeviceBio("write", block, count, offset));
    }
    offset += count;
  }
  return bios;
}

/** bioc_error: a bio to a device that is not there. It counts as a failure of its piece, and nobody waits for it. */
export function missingDeviceBio(
  operation: BioOperation,
  block: BlockNumber,
  count: Pages,
  piece: Pages,
): Bio {
  const bio = new Bio(operation, block, count);
  bio.piece = piece;
  bio.status = "EIO";
  bio.done = true;
  return bio;
}

/** `end` runs when the first of the bios that are under way has ended. */
export function whenFirstEnds(bios: readonly Bio[], end: (bio: Bio) => void): void {
  for (const bio of bios) {
    if (bio.done) continue;
    bio.end = end;
    return;
  }
}

/** Waits until all bios of a write have ended. */
export function* waitForAll(
  { context }: FsInfo,
  group: BlockGroup,
  bios: readonly Bio[],
): Actor<Errno | undefined> {
  for (const bio of bios) if (!bio.done) yield bio.wait(context.engine, "wait for data writes");
  return statusOf(group, bios);
}

/**
 * What the ended bios of a write come to (btrfs_end_bioc). It is decided piece by piece: as many copies as the profile
 * tolerates may fail (max_errors). A replacement that is written along raises that number by the one bio it adds, so
 * what counts is how many bios went well.
 */
export function statusOf({ profile }: BlockGroup, bios: readonly Bio[]): Errno | undefined {
  const needed = profile.copies - profile.toleratedFailures;
  for (let at = 0; at < bios.length; ) {
    const { piece } = bios[at]!;
    let written = 0;
    for (; at < bios.length && bios[at]!.piece === piece; at++) if (bios[at]!.status === "ok") written++;
    if (written < needed) return "EIO";
  }
  return undefined;
}
