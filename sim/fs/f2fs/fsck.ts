import type { OwnerId } from "../../block/index.ts";
import type { BlockNumber, Pages } from "../../engine/index.ts";
import type { Region } from "../filesystem.ts";
import type { Volume } from "./volume.ts";

/** Recounts everything from scratch, as fsck.f2fs does; each sentence is something broken. */
export function check(volume: Volume): readonly string[] {
  return [...volume.segments.check(), ...checkFiles(volume), ...checkSummaries(volume)];
}

/** What files say about places, against what the places say. */
function checkFiles(volume: Volume): readonly string[] {
  const broken: string[] = [];
  let used = 0;
  for (const file of volume.namespace.files()) {
    let blocks = 0;
    for (let block = 0; block < file.end; block++) {
      const place = file.at(block);
      if (place !== 0) blocks++;
      if (place > 0 && !isSummary(volume, place, file.number, block, false))
        broken.push(`${file.path}: block ${place} is not known as its block ${block}`);
    }
    for (const [node, place] of file.nodes.entries()) {
      if (place === 0 && !file.dirtyNodes.includes(node))
        broken.push(`${file.path}: node ${node} is nowhere`);
      if (place > 0 && !isSummary(volume, place, file.number, node, true))
        broken.push(`${file.path}: block ${place} is not known as its node ${node}`);
    }
    if (blocks !== file.blocks) broken.push(`${file.path}: ${blocks} blocks, not ${file.blocks}`);
    used += blocks + file.nodes.length;
  }
  if (used !== volume.used) broken.push(`${used} blocks are used, not ${volume.used}`);
  return broken;
}

function isSummary(
  volume: Volume,
  place: BlockNumber,
  inode: number,
  index: number,
  isNode: boolean,
): boolean {
  const summary = volume.segments.summaryOf(place);
  return summary?.inode === inode && summary.index === index && summary.isNode === isNode;
}

/** A block that holds something is needed by somebody, or is on its way to a file. */
function checkSummaries(volume: Volume): readonly string[] {
  const { segments, layout } = volume;
  let unknown = 0;
  for (let place = layout.main; place < segments.startOf(layout.sections); place++) {
    const summary = segments.summaryOf(place);
    const file = summary && volume.inode(summary.inode);
    if (!summary) continue;
    const said = summary.isNode ? file?.nodes[summary.index] : file?.at(summary.index);
    const isKnown = file?.linked === true && said === place;
    if (!isKnown) unknown++;
  }
  return unknown <= volume.blocksInFlight ? [] : [`${unknown} blocks hold what nobody needs`];
}

/** The map of the device, neighbours of one kind and owner joined. */
export function regionsOf(volume: Volume): readonly Region[] {
  const regions: { block: BlockNumber; count: Pages; kind: Region["kind"]; owner: OwnerId | undefined }[] =
    [];
  const add = (block: BlockNumber, count: Pages, kind: Region["kind"], owner?: OwnerId): void => {
    const last = regions.at(-1);
    if (last?.kind === kind && last.owner === owner) last.count += count;
    else regions.push({ block, count, kind, owner });
  };
  const { layout, segments, device } = volume;
  add(0, layout.main, "metadata", volume.tables);
  const end = segments.startOf(layout.sections);
  for (let block = layout.main; block < end; block++) {
    const summary = segments.summaryOf(block);
    if (summary?.isNode) add(block, 1, "metadata", volume.tables);
    else if (summary) add(block, 1, "data", volume.inode(summary.inode)?.owner);
    else add(block, 1, segments.isUsable(block) ? "free" : "pinned");
  }
  if (end < device.size) add(end, device.size - end, "unallocated");
  return regions;
}
