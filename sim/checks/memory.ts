import {
  type AddressSpace,
  entryOf,
  type FrameId,
  frameOf,
  isPresent,
  isSharedSwap,
  isSwapped,
  isZeroPage,
  type MemoryManager,
  PG,
  PTE_NONE,
  PTE_WRITABLE,
} from "../mm/index.ts";

/** Recounts frames and page tables; each sentence is a broken invariant. */
export function checkMemory(mm: MemoryManager): readonly string[] {
  return [
    ...checkFrames(mm),
    ...checkPageTables(mm),
    ...checkSwapEntries(mm),
    ...checkDirtyPages(mm),
    ...mm.zones.check(),
    ...mm.groups.flatMap((group) => group.lruvec.check()),
  ];
}

function checkFrames({ frames, zones, writeback }: MemoryManager): readonly string[] {
  let allocated = 0;
  let underWriteback = 0;
  const broken: string[] = [];
  for (let frame = 0; frame < frames.frames; frame++) {
    if (frames.has(frame, PG.Allocated)) allocated++;
    if (frames.has(frame, PG.Writeback)) underWriteback++;
  }
  if (allocated + zones.free + zones.cached !== frames.frames) {
    broken.push(
      `${allocated} allocated + ${zones.free} free + ${zones.cached} on per-CPU lists ≠ ${frames.frames} frames`,
    );
  }
  if (underWriteback !== writeback) {
    broken.push(`${underWriteback} frames are under write-back, the counter says ${writeback}`);
  }
  return broken;
}

/** Dirty pages of files against the counts that the flusher goes by. */
function checkDirtyPages({ files, frames, dirty }: MemoryManager): readonly string[] {
  const broken: string[] = [];
  let waiting = 0;
  for (const file of files) {
    let found = 0;
    for (let page = 0; page < file.pages; page++) {
      const frame = file.frameOf(page);
      if (frame >= 0 && frames.has(frame, PG.Dirty)) found++;
    }
    if (found !== file.dirty)
      broken.push(`${file.backing.name} has ${found} dirty pages and counts ${file.dirty}`);
    waiting += found;
  }
  if (waiting !== dirty.waiting)
    broken.push(`${waiting} pages of files are dirty, the machine counts ${dirty.waiting}`);
  return broken;
}

function checkPageTables(mm: MemoryManager): readonly string[] {
  const broken: string[] = [];
  const mappings = new Uint8Array(mm.frames.frames);
  for (const task of mm.tasks) {
    let rss = 0;
    let swapped = 0;
    for (let page = 0; page < task.pages; page++) {
      const pte = task.pte(page);
      if (isSwapped(pte)) swapped++;
      if (!isPresent(pte) || isZeroPage(pte)) continue;
      rss++;
      const frame = frameOf(pte);
      mappings[frame]!++;
      broken.push(...checkMapping(mm, task, page, frame));
    }
    if (rss !== task.rss) broken.push(`${task.name} maps ${rss} frames and counts ${task.rss}`);
    if (swapped !== task.swapped)
      broken.push(`${task.name} has ${swapped} swap entries and counts ${task.swapped}`);
  }
  for (const file of mm.files) {
    for (let page = 0; page < file.pages; page++) {
      if (!isPresent(file.ptes[page]!)) continue;
      const frame = frameOf(file.ptes[page]!);
      mappings[frame]!++;
      if (file.frameOf(page) !== frame) {
        broken.push(`page ${page} of ${file.backing.name} maps frame ${frame}, the page cache has another`);
      }
    }
  }
  for (let frame = 0; frame < mm.frames.frames; frame++)
    broken.push(...checkMapCount(mm, frame, mappings[frame]!));
  return broken;
}

/** The frame says whose page it holds: of a shared one any of the family that has it. */
function checkMapping(
  mm: MemoryManager,
  task: AddressSpace,
  page: number,
  frame: FrameId,
): readonly string[] {
  const { frames, tasks } = mm;
  const broken: string[] = [];
  const owner = tasks[frames.ownerTask[frame]!]!;
  const hasIt = isPresent(owner.pte(page))
    ? frameOf(owner.pte(page)) === frame
    : isSwapped(owner.pte(page)) &&
      frames.has(frame, PG.SwapCache) &&
      entryOf(owner.pte(page)) === frames.entry[frame];
  if (frames.ownerPage[frame] !== page || !task.family.includes(owner) || !hasIt) {
    broken.push(`page ${page} of ${task.name} maps frame ${frame}, which names another owner`);
  }
  if (frames.has(frame, PG.Shared) && (task.pte(page) & PTE_WRITABLE) !== 0) {
    broken.push(`page ${page} of ${task.name} can be written, and others may have frame ${frame} too`);
  }
  return broken;
}

function checkMapCount({ frames }: MemoryManager, frame: FrameId, mappings: number): readonly string[] {
  const broken: string[] = [];
  const mapped = frames.has(frame, PG.Mapped);
  if (mapped !== mappings > 0)
    broken.push(`frame ${frame} is mapped ${mappings} times, its flag says ${mapped}`);
  if (mappings > 1 && !frames.has(frame, PG.Shared)) {
    broken.push(`frame ${frame} is mapped ${mappings} times and counts as one task's own`);
  }
  return broken;
}

/** A page in swap that nobody else may have is in one page table; and each entry has a page table to stand in. */
function checkSwapEntries(mm: MemoryManager): readonly string[] {
  const broken: string[] = [];
  const references = countSwapReferences(mm);
  for (const task of mm.tasks) {
    for (let page = 0; page < task.pages; page++) {
      const pte = task.pte(page);
      if (pte !== PTE_NONE && !task.tables.has(page)) {
        broken.push(`page ${page} of ${task.name} has an entry and no page table`);
      }
      const users = isSwapped(pte) && !isSharedSwap(pte) ? references.get(entryOf(pte))! : 1;
      if (users > 1) broken.push(`page ${page} of ${task.name} is in swap as its own, and ${users} have it`);
    }
  }
  return broken;
}

/** Page table entries that refer to each swap entry, counted from the page tables. */
export function countSwapReferences(mm: MemoryManager): ReadonlyMap<number, number> {
  const references = new Map<number, number>();
  for (const task of mm.tasks) {
    for (let page = 0; page < task.pages; page++) {
      const pte = task.pte(page);
      if (isSwapped(pte)) references.set(entryOf(pte), (references.get(entryOf(pte)) ?? 0) + 1);
    }
  }
  return references;
}
