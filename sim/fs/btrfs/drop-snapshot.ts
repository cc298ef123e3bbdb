import type { Actor } from "../../engine/index.ts";
import type { FileExtent } from "./file-extent.ts";
import type { FsInfo } from "./fs-info.ts";
import type { Subvolume } from "./subvolume.ts";
import type { TreeBlock } from "./tree-block.ts";

/** btrfs_clean_one_deleted_snapshot: drops one tree whose deletion has been committed; false if there is none. */
export function* cleanOneDeletedSnapshot(info: FsInfo): Actor<boolean> {
  const dead = info.subvolumes.find(
    (subvolume) => subvolume.dead && subvolume.deletionCommitted && !subvolume.isHeld,
  );
  if (!dead || info.readOnly) return false;
  yield* dropSnapshot(info, dead);
  return true;
}

/**
 * btrfs_drop_snapshot: walks the tree down. A node that others reach too only loses one reference, and what it names
 * is counted for the node from then on if it was counted for this tree; a node of this tree alone is freed with all it
 * refers to.
 */
function* dropSnapshot(info: FsInfo, subvolume: Subvolume): Actor {
  // Paid beforehand, so that the tree goes in one step and no commit sees half of it.
  const nodes = ownNodes(subvolume.tree.root);
  yield* info.context.processors.run("btrfs_drop_snapshot", nodes * info.costs.btrfsDropNode);
  yield* info.startWrite();
  yield* evictInodes(info, subvolume);
  const stack: TreeBlock[] = [subvolume.tree.root];
  for (let node = stack.pop(); node; node = stack.pop()) walkDown(info, subvolume, node, stack);
  info.subvolumes.splice(info.subvolumes.indexOf(subvolume), 1);
  info.trees.touchRoot(subvolume.id);
}

/** Whoever is at work on a file of it ends first, and whoever comes later finds it gone. */
function* evictInodes({ context }: FsInfo, { inodes }: Subvolume): Actor {
  for (const inode of inodes.values()) {
    const end = inode.lockEnd;
    yield* inode.lock.lock("lock_extent (evict)", 0, end);
    inode.evicted = true;
    context.observer.removed(inode.owner, 0, inode.size);
    inode.lock.unlock(0, end);
  }
}

/** Nodes of a tree that no other tree reaches. */
function ownNodes(node: TreeBlock): number {
  if (node.refs > 1) return 1;
  return node.children.reduce((sum, child) => sum + ownNodes(child), 1);
}

function walkDown(info: FsInfo, subvolume: Subvolume, node: TreeBlock, stack: TreeBlock[]): void {
  if (node.refs > 1) {
    if (node.root === subvolume.id) convertToFullBackref(info, node);
    node.refs--;
    return;
  }
  if (node.level > 0) stack.push(...node.children);
  else {
    for (const item of node.items) {
      if (item.kind !== "extent") continue;
      const { extent } = item as FileExtent;
      info.trees.touchExtent(extent.start, extent.count, extent.checksums !== undefined);
      info.extents.dropRef(item as FileExtent, node, node.fullBackref);
    }
  }
  info.transactions.freeNode(node);
}

/** The UPDATE_BACKREF stage: the tree goes, and its shared nodes count references for themselves. */
function convertToFullBackref(info: FsInfo, node: TreeBlock): void {
  if (node.fullBackref) return;
  node.fullBackref = true;
  for (const child of node.children) if (child.root === node.root) convertToFullBackref(info, child);
  for (const item of node.items) {
    if (item.kind !== "extent") continue;
    info.extents.addRef(item as FileExtent, node, true);
    info.extents.dropRef(item as FileExtent, node, false);
  }
}
