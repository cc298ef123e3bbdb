import { type Duration, MILLISECOND } from "./engine/index.ts";
import type { Invariant } from "./invariants.ts";
import type { Machine } from "./machine.ts";
import { type MemoryManager, PG } from "./mm/index.ts";
import type { SwapArea } from "./swap/index.ts";

/** A promise that the simulated kernel's own books show to be broken: a result, and no defect of the model. */
export interface Breach {
  readonly invariant: Invariant;
  readonly what: string;
}

/** Recounts what the simulated kernel keeps about its swap areas; contents are the oracle's. */
export function breachesOf(machine: Machine): readonly Breach[] {
  return [
    ...leftovers(machine),
    ...(machine.filesystem?.brokenPromises?.() ?? []),
    ...ignoredSignals(machine),
    ...rotationalCount(machine),
    ...withoutName(machine),
    ...machine.staleMappings,
    ...slotsInUse(machine),
    ...overruns(machine),
    ...lockedForEver(machine.mm),
  ];
}

/** What swap files that are no longer active, or never were, still hold. */
function* leftovers({ filesystem }: Machine): Iterable<Breach> {
  for (const what of filesystem?.strayPins?.() ?? []) yield { invariant: "I4", what };
}

/** Whoever presses Ctrl-C waits no longer than this without noticing (an estimate). */
const NOTICED: Duration = 100 * MILLISECOND;

/** Steps that went on although they were interrupted. */
function* ignoredSignals({ signals }: Machine): Iterable<Breach> {
  for (const { step, ignoredFor } of signals) {
    if (ignoredFor < NOTICED) continue;
    const what = `${step} went on for ${Math.round(ignoredFor / MILLISECOND)} ms after it was interrupted`;
    yield { invariant: "I5", what };
  }
}

/** nr_rotate_swap against the areas that are there. */
function* rotationalCount({ swap }: Machine): Iterable<Breach> {
  const found = swap.areas.filter(({ solidState }) => !solidState).length;
  if (found === swap.rotationalAreas) return;
  const what = `${swap.rotationalAreas} rotational areas are counted and ${found} are active, so readahead by address stays off`;
  yield { invariant: "I6", what };
}

/** Swap files that no path leads to: swapoff cannot name them, and the filesystem cannot be unmounted. */
function* withoutName({ swap }: Machine): Iterable<Breach> {
  for (const { name, file } of swap.areas) {
    if (!file || file.fs.files().some(({ owner }) => owner === file.file.owner)) continue;
    yield { invariant: "I6", what: `${name} is swap and no path leads to it, so nobody can switch it off` };
  }
}

/** Slots that can be given out against those that header and mapping both cover, less the header page. */
function* slotsInUse({ swap }: Machine): Iterable<Breach> {
  for (const { name, map, slots, promised } of swap.areas) {
    const covered = Math.max(0, Math.min(slots, promised) - 1);
    if (map.usable === covered) continue;
    const what = `${map.usable} slots of ${name} may be used, and its header and mapping both cover ${covered}`;
    yield { invariant: "I7", what };
  }
}

/** Writes behind the end of a header's page, as a sanitizer of kernel memory would tell them. */
function* overruns({ swap }: Machine): Iterable<Breach> {
  for (const { name, bytes } of swap.overruns) {
    const what = `reading the header of ${name} changed ${bytes} bytes of memory behind its page`;
    yield { invariant: "I4", what };
    yield { invariant: "I7", what };
  }
}

/** An area that was just switched on: does each piece of its block list lie where the file has it? Looks at both ends. */
export function* staleMapping({ name, transport, file }: SwapArea): Iterable<Breach> {
  if (!file || !transport.mapping) return;
  let stale = 0;
  for (const { slot, fileBlock = slot, count, device, block } of transport.mapping()) {
    const isRight = [0, count - 1].every((offset) => {
      const place = file.fs.bmap(file.file, fileBlock + offset);
      return place?.device === device && place.block === block + offset;
    });
    if (!isRight) stale += count;
  }
  if (stale > 0)
    yield { invariant: "I7", what: `${stale} slots of ${name} lie in blocks that are not the file's` };
}

/** Frames that are locked and stand for nothing: nobody reads them, so nobody will unlock or free them. */
export function* lockedForEver({ frames }: MemoryManager): Iterable<Breach> {
  for (let frame = 0; frame < frames.frames; frame++) {
    if (!frames.has(frame, PG.Locked) || frames.has(frame, PG.SwapCache | PG.File)) continue;
    yield { invariant: "I5", what: `frame ${frame} is locked and belongs to nobody: it never comes free` };
  }
}
