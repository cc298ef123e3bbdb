import type { BlockGroup } from "./block-group.ts";
import type { Extent } from "./extent-tree.ts";
import type { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import { orphansOf } from "./orphans.ts";
import { LEAF_BYTES, NODE_POINTERS, type TreeBlock } from "./tree-block.ts";

/** fsck: recounts everything from the trees; each sentence is a broken invariant. */
export function check(info: FsInfo): readonly string[] {
  const broken: string[] = [];
  checkExtents(info, broken);
  const recount = new Recount();
  for (const { tree } of info.subvolumes) recount.walk(tree.root);
  checkTrees(recount, broken);
  checkReferences(info, recount, broken);
  checkGroups(info, broken);
  checkDevices(info, broken);
  checkFiles(info, broken);
  checkNames(info, broken);
  return broken;
}

/** No block has two owners, and every extent lies in one group. */
function checkExtents(info: FsInfo, broken: string[]): void {
  let end = 0;
  for (const extent of info.extents.all()) {
    if (extent.start < end) broken.push(`extent ${extent.start} overlaps the one before it`);
    end = extent.end;
    const group = info.volumes.findGroup(extent.start);
    if (!group || end > group.end) broken.push(`extent ${extent.start} crosses its block group`);
    if (extent.refs.count === 0 && extent.node === undefined) {
      broken.push(`extent ${extent.start} belongs to nobody`);
    }
    if (extent.node && extent.node.extent !== extent) broken.push(`tree block ${extent.start} is not in use`);
  }
}

/** What the trees say, walked node by node; shared ones once. */
class Recount {
  /** Parents and roots of every node. */
  readonly parents = new Map<TreeBlock, number>();
  readonly leaves: TreeBlock[] = [];

  walk(node: TreeBlock): void {
    const seen = this.parents.get(node) ?? 0;
    this.parents.set(node, seen + 1);
    if (seen > 0) return;
    if (node.level === 0) this.leaves.push(node);
    for (const child of node.children) this.walk(child);
  }

  /** References that extent items must have, counted from the leaves. */
  expectedRefs(): Map<Extent, number> {
    const expected = new Map<Extent, number>();
    for (const leaf of this.leaves) {
      for (const item of leaf.items) {
        if (item.kind !== "extent") continue;
        const { extent } = item as FileExtent;
        expected.set(extent, (expected.get(extent) ?? 0) + 1);
      }
    }
    return expected;
  }
}

/** Nodes fit their blocks, keys ascend, and each counts its parents. */
function checkTrees({ parents }: Recount, broken: string[]): void {
  for (const [node, count] of parents) {
    const name = `node ${node.index} of tree ${node.root}`;
    if (node.refs !== count) broken.push(`${name} has ${count} parents and counts ${node.refs}`);
    if (node.bytes > LEAF_BYTES || node.children.length > NODE_POINTERS) broken.push(`${name} is too full`);
    if (node.keys.some((key, slot) => slot > 0 && key <= node.keys[slot - 1]!)) {
      broken.push(`${name} has keys out of order`);
    }
  }
}

/** Every file extent item is a reference of its extent, and every reference is an item. */
function checkReferences(info: FsInfo, recount: Recount, broken: string[]): void {
  const expected = recount.expectedRefs();
  for (const [extent, count] of expected) {
    if (info.extents.at(extent.start) !== extent) broken.push(`extent ${extent.start} is named, but gone`);
    if (extent.refs.count !== count) {
      broken.push(
        `extent ${extent.start} has ${count} items and counts ${extent.refs.count} back references`,
      );
    }
  }
  for (const extent of info.extents.all()) {
    if (extent.node === undefined && !expected.has(extent)) {
      broken.push(`extent ${extent.start} has ${extent.refs.count} back references and no item`);
    }
  }
  for (const leaf of recount.leaves) checkHolders(leaf, broken);
}

/** An item counts for the leaf's tree, or for the leaf itself once trees share it for good. */
function checkHolders(leaf: TreeBlock, broken: string[]): void {
  const holder = leaf.fullBackref ? leaf : leaf.root;
  for (const item of leaf.items) {
    if (item.kind !== "extent") continue;
    const { ino, extent, extentBase } = item as FileExtent;
    const found = extent.refs
      .all()
      .some((ref) => ref.holder === holder && ref.ino === ino && ref.base === extentBase);
    if (!found) broken.push(`extent ${extent.start} does not know inode ${ino} of tree ${leaf.root}`);
  }
}

/** free + used + reserved + pinned + excluded = length. */
function checkGroups(info: FsInfo, broken: string[]): void {
  const used = new Map<BlockGroup, number>();
  for (const extent of info.extents.all()) {
    const group = info.volumes.groupAt(extent.start);
    used.set(group, (used.get(group) ?? 0) + extent.count);
  }
  for (const group of info.volumes.groups()) {
    const name = `block group ${group.bytenr}`;
    const counted = used.get(group) ?? 0;
    if (counted !== group.used) broken.push(`${name} holds ${counted} blocks and counts ${group.used}`);
    const sum = group.free.blocks + group.used + group.reserved + group.pinned + group.excluded;
    if (sum !== group.length) {
      broken.push(
        `${name}: ${group.free.blocks} free + ${group.used} used + ${group.reserved} reserved + ${group.pinned} pinned + ${group.excluded} excluded ≠ ${group.length}`,
      );
    }
  }
}

/** Stripes of a device do not overlap, and what they do not cover is free (or was freed by the running transaction). */
function checkDevices(info: FsInfo, broken: string[]): void {
  for (const device of info.volumes.devices) {
    let end = 0;
    let allocated = 0;
    for (const { stripe, group } of device.extents.valuesFrom(0)) {
      if (stripe.physical < end) broken.push(`dev extent ${stripe.physical} of devid ${device.id} overlaps`);
      end = stripe.physical + group.stripeLength;
      allocated += group.stripeLength;
      if (!group.stripes.includes(stripe)) broken.push(`dev extent ${stripe.physical} belongs to no chunk`);
    }
    if (end > device.diskSize)
      broken.push(`devid ${device.id} ends at ${device.diskSize}, its chunks at ${end}`);
    if (allocated !== device.allocated) broken.push(`devid ${device.id} counts its chunks wrong`);
  }
}

/** Items of a file do not overlap, and the file counts them. */
function checkFiles(info: FsInfo, broken: string[]): void {
  for (const inode of info.inodes()) {
    let end = 0;
    let count = inode.inline ? 1 : 0;
    if (inode.inline && inode.itemAt(0)) broken.push(`${inode.path} has data inline and in an extent`);
    for (const item of inode.itemsFrom(0)) {
      count++;
      if (item.fileBlock < end) broken.push(`block ${item.fileBlock} of ${inode.path} has two items`);
      if (item.offset < 0 || item.offset + item.count > item.extent.ramCount) {
        broken.push(`block ${item.fileBlock} of ${inode.path} lies outside its extent`);
      }
      end = item.end;
    }
    if (count !== inode.extentCount) {
      broken.push(`${inode.path} has ${count} extent items and counts ${inode.extentCount}`);
    }
  }
}

/** A file has a name, or somebody is about to drop it. */
function checkNames(info: FsInfo, broken: string[]): void {
  for (const subvolume of info.live) {
    for (const { ino, path } of orphansOf(subvolume)) {
      broken.push(`inode ${ino}, once ${path}, has no name and nobody drops it`);
    }
  }
}

/** No reservation is left when nothing runs: asked by whoever knows that. */
export function checkReservations(info: FsInfo): readonly string[] {
  const broken = info.volumes
    .groups()
    .filter(({ isQuiet }) => !isQuiet)
    .map(({ bytenr, reserved }) => `block group ${bytenr} has ${reserved} blocks reserved for nobody`);
  const { mayUse } = info.metadata;
  return mayUse === 0 ? broken : [...broken, `${mayUse} bytes of metadata are reserved for nobody`];
}

/** Swap counts of block groups, devices and subvolumes against the swap files that are active. */
export function strayPins(info: FsInfo): readonly string[] {
  const stray: string[] = [];
  for (const group of info.volumes.groups()) {
    const { bytenr, swapExtents } = group;
    const found = [...info.swapPins.values()].reduce(
      (sum, { counted }) => sum + (counted.get(group) ?? 0),
      0,
    );
    if (found !== swapExtents) {
      stray.push(
        `block group ${bytenr} counts ${swapExtents} extents of active swap files and holds ${found}`,
      );
    }
  }
  for (const { id, swapFiles } of info.volumes.devices) {
    const found = [...info.swapPins.values()].filter(({ device }) => device?.id === id).length;
    if (found !== swapFiles)
      stray.push(`devid ${id} counts ${swapFiles} active swap files and holds ${found}`);
  }
  for (const subvolume of info.subvolumes) {
    const found = [...info.swapPins.keys()].filter((inode) => inode.subvolume === subvolume).length;
    const { path, swapFiles } = subvolume;
    if (found !== swapFiles)
      stray.push(`subvolume ${path} counts ${swapFiles} active swap files and has ${found}`);
  }
  return stray;
}
