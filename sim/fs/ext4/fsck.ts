import type { OwnerId } from "../../block/index.ts";
import type { BlockNumber, Pages } from "../../engine/index.ts";
import type { Region } from "../filesystem.ts";
import { endOf } from "../free-space.ts";
import type { Volume } from "./volume.ts";

/** One claim on blocks, found by walking what makes it and not by any index. */
interface Claim {
  readonly block: BlockNumber;
  readonly count: Pages;
  readonly kind: Region["kind"];
  readonly owner: OwnerId | undefined;
  readonly by: string;
}

/** Recounts everything from scratch, as e2fsck does; each sentence is something broken. */
export function check(volume: Volume): readonly string[] {
  return [...checkClaims(volume), ...checkExtents(volume), ...checkCounters(volume)];
}

/** The map of the device: every claim in turn, neighbours of one kind and owner joined. */
export function regionsOf(volume: Volume): readonly Region[] {
  const regions: Region[] = [];
  for (const { block, count, kind, owner } of claims(volume)) {
    const last = regions.at(-1);
    const joins = last && last.kind === kind && last.owner === owner && endOf(last) === block;
    if (joins) regions[regions.length - 1] = { ...last, count: last.count + count };
    else regions.push({ block, count, kind, owner });
  }
  return regions;
}

/** Who says that which blocks are his, ascending. A sound volume claims every block once. */
function claims(volume: Volume): readonly Claim[] {
  const all: Claim[] = [];
  const add = (
    run: { block: number; count: number },
    kind: Claim["kind"],
    by: string,
    owner?: OwnerId,
  ): void => {
    all.push({ block: run.block, count: run.count, kind, by, owner });
  };
  for (const run of volume.layout.metadata) add(run, "metadata", "metadata");
  for (const run of volume.free.runsFrom(0)) add(run, "free", "free space");
  for (const run of volume.trimming) add(run, "free", "a discard");
  for (const run of volume.journal.waiting()) add(run, "pinned", "the journal", run.owner);
  for (const file of volume.inodes()) {
    for (const extent of file.extents) add(extent, "data", file.path, file.owner);
  }
  return all.sort((a, b) => a.block - b.block);
}

/** The bitmap is the complement of everything in use, and no block is used twice. */
function checkClaims(volume: Volume): readonly string[] {
  const broken: string[] = [];
  let end = 0;
  let previous = "the start of the device";
  for (const claim of claims(volume)) {
    if (claim.block < end) broken.push(`block ${claim.block} belongs to ${previous} and to ${claim.by}`);
    if (claim.block > end) broken.push(`blocks ${end}..${claim.block - 1} belong to nobody`);
    // A claim inside another one must not hide what follows.
    if (endOf(claim) < end) continue;
    end = endOf(claim);
    previous = claim.by;
  }
  if (end !== volume.device.size) broken.push(`claims end at block ${end} of ${volume.device.size}`);
  return broken;
}

/** Extents lie inside their file, and the index by place knows each of them and nothing else. */
function checkExtents(volume: Volume): readonly string[] {
  const broken: string[] = [];
  let extents = 0;
  for (const file of volume.inodes()) {
    extents += file.extents.length;
    let end = 0;
    let blocks = 0;
    for (const { first, count, block, straddles } of file.extents) {
      if (first < end || first + count > file.size)
        broken.push(`${file.path}: extent at ${first} is out of place`);
      if (straddles && !volume.smallBlocks)
        broken.push(`${file.path}: extent at ${first} lies across a border, but blocks are pages`);
      // Donors are known by place as well, but holdersOf hides them.
      if (file.linked && volume.users.holderOf(block)?.owner !== file.owner) {
        broken.push(`${file.path}: block ${block} is not known as its own`);
      }
      end = first + count;
      blocks += count;
    }
    if (blocks !== file.extents.blocks)
      broken.push(`${file.path}: ${blocks} blocks, not ${file.extents.blocks}`);
  }
  if (extents !== volume.users.size)
    broken.push(`${extents} extents, but ${volume.users.size} known by place`);
  return broken;
}

/** Sums that are kept up to date with each change, against sums over everything. */
function checkCounters(volume: Volume): readonly string[] {
  const broken: string[] = [];
  const count = (runs: Iterable<{ readonly count: Pages }>): Pages => {
    let sum = 0;
    for (const run of runs) sum += run.count;
    return sum;
  };
  const compare = (what: string, counted: Pages, kept: Pages): void => {
    if (counted !== kept) broken.push(`${what}: counted ${counted} blocks, not ${kept}`);
  };
  compare("free space", count(volume.free.runsFrom(0)), volume.free.blocks);
  compare("the journal", count(volume.journal.waiting()), volume.journal.pinned);
  compare(
    "files",
    volume.inodes().reduce((sum, file) => sum + file.extents.blocks, 0),
    volume.fileBlocks,
  );
  return broken;
}
