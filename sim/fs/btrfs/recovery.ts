import type { Pages } from "../../engine/index.ts";
import type { BalanceFilters } from "../administration.ts";
import { recoverBalance } from "./balance.ts";
import type { BlockGroup, Stripe } from "./block-group.ts";
import type { BtrfsDevice } from "./device.ts";
import type { Extent } from "./extent-tree.ts";
import type { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { InlineExtent } from "./inline-extent.ts";
import type { Inode } from "./inode.ts";
import { orphanCleanup } from "./orphans.ts";
import type { Subvolume } from "./subvolume.ts";
import { NODE_BLOCKS, type TreeBlock } from "./tree-block.ts";
import { FILE_BLOCKS_MAX, type InodeItem, type InodeRef } from "./tree-item.ts";

/** What the super block of a finished commit leads to. */
export interface CommittedState {
  readonly subvolumes: readonly {
    readonly subvolume: Subvolume;
    readonly root: TreeBlock;
    readonly inodes: ReadonlyMap<number, Inode>;
    readonly lastSnapshot: number;
    readonly readOnly: boolean;
    readonly dead: boolean;
  }[];
  readonly groups: readonly { readonly group: BlockGroup; readonly stripes: readonly Stripe[] }[];
  readonly devices: readonly { readonly device: BtrfsDevice; readonly size: Pages }[];
  /** The balance item: one that runs or is paused. */
  readonly balance: BalanceFilters | undefined;
}

/** The state that the commit which is about to be written will lead to. */
export function captureCommit(info: FsInfo): CommittedState {
  return {
    subvolumes: info.subvolumes.map((subvolume) => ({
      subvolume,
      root: subvolume.tree.root,
      inodes: new Map(subvolume.inodes),
      lastSnapshot: subvolume.lastSnapshot,
      readOnly: subvolume.readOnly,
      dead: subvolume.dead,
    })),
    groups: info.volumes.groups().map((group) => ({ group, stripes: group.stripes })),
    devices: info.volumes.devices.map((device) => ({ device, size: device.diskSize })),
    balance: info.balance?.filters,
  };
}

/**
 * The first mount after a power loss: everything since the last commit never was. Nodes of old transactions never
 * change, so the committed roots still show the trees as they were; extents and free space are recounted from them.
 */
export function recover(info: FsInfo): void {
  const { committed } = info;
  info.transactions.crash();
  info.extents.clear();
  info.volumes.restore(committed);
  const lost = new Set(info.inodes());
  restoreSubvolumes(info, committed);
  rebuildExtents(info);
  for (const { subvolume } of committed.subvolumes) {
    for (const inode of subvolume.inodes.values()) {
      lost.delete(inode);
      tellContents(info, inode);
    }
  }
  for (const { owner, size } of lost) info.context.observer.removed(owner, 0, size);
  info.allocator.forget();
  info.trees.forget();
  info.afterRecovery();
  for (const subvolume of info.live) orphanCleanup(info, subvolume);
  recoverBalance(info, committed.balance);
}

function restoreSubvolumes(info: FsInfo, { subvolumes }: CommittedState): void {
  info.subvolumes.length = 0;
  for (const { subvolume, root, inodes, lastSnapshot, readOnly, dead } of subvolumes) {
    subvolume.tree.reset(root);
    subvolume.lastSnapshot = lastSnapshot;
    subvolume.readOnly = readOnly;
    subvolume.dead = dead;
    subvolume.deletionCommitted = dead;
    subvolume.abandon();
    subvolume.names.clear();
    subvolume.inodes.clear();
    for (const inode of inodes.values()) subvolume.inodes.set(inode.ino, inode);
    readInodes(subvolume);
    info.subvolumes.push(subvolume);
  }
}

/** Sizes, flags and names as the items of the tree say. */
function readInodes(subvolume: Subvolume): void {
  const extents = new Map<number, number>();
  const names = new Map<number, InodeRef[]>();
  const items = new Map<number, InodeItem>();
  for (const item of subvolume.tree.range(0, Number.MAX_SAFE_INTEGER)) {
    if (item.kind === "inode") items.set((item as InodeItem).ino, item as InodeItem);
    if (item.kind === "ref") {
      const ref = item as InodeRef;
      names.set(ref.ino, [...(names.get(ref.ino) ?? []), ref]);
    }
    if (item.kind === "extent" || item.kind === "inline") {
      const { ino } = item as FileExtent | InlineExtent;
      extents.set(ino, (extents.get(ino) ?? 0) + 1);
    }
  }
  for (const inode of subvolume.inodes.values()) {
    inode.reload(items.get(inode.ino)!, names.get(inode.ino) ?? [], extents.get(inode.ino) ?? 0);
    for (const name of inode.names.keys()) subvolume.names.set(name, inode);
  }
}

/** Walks all trees: what they name is in use, everything else is free. */
function rebuildExtents(info: FsInfo): void {
  const own = new Set<TreeBlock>();
  for (const { tree, id } of info.subvolumes) markOwn(tree.root, id, own);
  const seen = new Set<TreeBlock>();
  const named = new Set<Extent>();
  for (const { tree } of info.subvolumes) countNode(info, tree.root, own, seen, named);
}

function markOwn(node: TreeBlock, root: number, own: Set<TreeBlock>): void {
  if (node.root === root) own.add(node);
  for (const child of node.children) markOwn(child, root, own);
}

function countNode(
  info: FsInfo,
  node: TreeBlock,
  own: ReadonlySet<TreeBlock>,
  seen: Set<TreeBlock>,
  named: Set<Extent>,
): void {
  if (seen.has(node)) {
    node.refs++;
    return;
  }
  seen.add(node);
  node.refs = 1;
  node.fullBackref = !own.has(node);
  if (node.extent) restoreExtent(info, node.extent, named);
  for (const child of node.children) countNode(info, child, own, seen, named);
  for (const item of node.items) {
    if (item.kind !== "extent") continue;
    restoreExtent(info, (item as FileExtent).extent, named);
    info.extents.addRef(item as FileExtent, node, node.fullBackref);
  }
}

function restoreExtent(info: FsInfo, extent: Extent, named: Set<Extent>): void {
  if (named.has(extent)) return;
  named.add(extent);
  extent.refs.clear();
  info.extents.restore(extent);
  const group = info.groupOf(extent);
  group.free.take(extent.start, extent.count);
  group.used += extent.count;
  if (extent.node) tellNode(info, extent);
}

/** A node keeps the bytes of the commit that wrote it; anything else in its place is damage. */
function tellNode({ volumes, context }: FsInfo, { node, start }: Extent): void {
  for (let offset = 0; node && offset < NODE_BLOCKS; offset++) {
    const { device, block } = volumes.groupAt(start).firstPlaceOf(start + offset);
    const { generation, owner, index } = device.contents.at(block);
    const isOurs = owner === node.owner && index === node.index + offset;
    if (isOurs) context.observer.wrote(node.owner, index, 1, generation);
  }
}

/** The file holds what its checksums say; without checksums, what the device kept of the writes in place. */
function tellContents({ volumes, context: { observer } }: FsInfo, inode: Inode): void {
  observer.removed(inode.owner, 0, FILE_BLOCKS_MAX);
  if (inode.inline) observer.wrote(inode.owner, 0, 1, inode.inline.generation);
  for (const item of inode.itemsFrom(0)) {
    if (item.prealloc) continue;
    const { extent, offset, fileBlock, count } = item;
    for (let at = 0; at < count; at++) {
      if (extent.compressed) {
        observer.wrote(inode.owner, fileBlock + at, 1, extent.compressed.generation[offset + at]!);
        continue;
      }
      const logical = extent.start + offset + at;
      const { device, block } = volumes.groupAt(logical).firstPlaceOf(logical);
      const generation = extent.checksumAt(logical) ?? device.contents.generationAt(block);
      observer.wrote(inode.owner, fileBlock + at, 1, generation);
    }
  }
}
