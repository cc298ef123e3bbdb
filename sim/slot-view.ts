import type { Machine } from "./machine.ts";
import { keptFor } from "./mm/index.ts";
import type { OldPlace, SlotView } from "./oracle/index.ts";
import type { SwapArea, SwapEntry } from "./swap/index.ts";

/** What a slot looks like from outside, to explain what was found in it; undefined if it lies nowhere. */
export function lookAtSlot(machine: Machine, entry: SwapEntry): SlotView | undefined {
  const area = machine.swap.areas.find((candidate) => candidate.holds(entry));
  if (!area) return undefined;
  return keptView(machine, area, entry) ?? placedView(machine, area, entry - area.base);
}

/** The page never reached its slot. */
function keptView({ mm, owners }: Machine, area: SwapArea, entry: SwapEntry): SlotView | undefined {
  const kept = keptFor(mm, entry);
  if (!kept) return undefined;
  const { by, content } = kept;
  return {
    slot: `slot ${entry - area.base} of ${area.name}, kept ${by === "zeromap" ? "as zeroes" : "by zswap"}`,
    content,
    writtenBy: owners.describe(content.owner, content.index),
    history: () => [],
    left: () => [],
  };
}

function placedView(machine: Machine, area: SwapArea, slot: number): SlotView | undefined {
  const place = area.transport.placeOf(slot);
  if (!place) return undefined;
  const { owners } = machine;
  const { device, block } = place;
  const content = area.transport.contentOf?.(slot) ?? device.contents.at(block);
  return {
    slot: `slot ${slot} of ${area.name}, block ${block} of ${device.name}`,
    content,
    writtenBy: owners.describe(content.owner, content.index),
    history: () => device.history.of(block, owners),
    left: () => placesLeft(machine, area.name, slot),
  };
}

/** Blocks from which a block of a swap file has moved away; a slot has the number of the block. */
function placesLeft({ filesystem, devices }: Machine, path: string, index: number): readonly OldPlace[] {
  const owner = filesystem?.lookup(path)?.owner;
  if (owner === undefined) return [];
  return [...devices.values()].flatMap(({ name, history, contents }) =>
    history.leftBy(owner, index).map(({ at, block }) => {
      return { at, block: `block ${block} of ${name}`, generation: contents.generationAt(block) };
    }),
  );
}
