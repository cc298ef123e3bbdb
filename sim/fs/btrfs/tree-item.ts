import { assert, type Pages } from "../../engine/index.ts";

/** Item types of a subvolume tree, in the order of their keys. Numbers are the model's own: only their order counts. */
export const ItemType = { InodeItem: 0, InodeRef: 1, DirEntry: 2, ExtentData: 3 } as const;

/** The most blocks a file has, so that the offset one past its end fits a key too: s_maxbytes of the model, 4 TiB. */
export const FILE_BLOCKS_MAX: Pages = 2 ** 30 - 1;
/** Offsets of a key: blocks of a file, or entries of a directory. */
const OFFSETS = FILE_BLOCKS_MAX + 1;
const TYPES = 4;
/** Inode numbers a subvolume can give out, so that a key is exact in a double. */
const INODES_MAX = 2 ** 21;

/** A tree key (objectid, type, offset) as one number that sorts like the three. */
export function treeKey(ino: number, type: number, offset: Pages): number {
  assert(ino < INODES_MAX && offset < OFFSETS, "inode numbers and offsets fit their keys");
  return (ino * TYPES + type) * OFFSETS + offset;
}

/** struct btrfs_item, the header of every item in a leaf. */
const ITEM_HEADER = 25;
/** The root directory of every subvolume (BTRFS_FIRST_FREE_OBJECTID). */
export const ROOT_DIRECTORY = 256;

/** Something a leaf holds. Items never change: a change replaces the item, so that old versions of a leaf stay right. */
export interface TreeItem {
  readonly kind: "inode" | "ref" | "entry" | "extent" | "inline";
  readonly key: number;
  /** Bytes in the leaf, header included (sizes: include/uapi/linux/btrfs_tree.h, 6.1). */
  readonly bytes: number;
}

/** Flags of an inode that the model knows; +C, +c, +i, +a, and "no checksums". */
export interface InodeFlags {
  /** NODATACOW: writes in place. */
  readonly nocow: boolean;
  /** NODATASUM: no checksums; NODATACOW implies it. */
  readonly nodatasum: boolean;
  readonly compress: boolean;
  /** Method of the property btrfs.compression; left out: the mount's. */
  readonly method?: "zlib" | "lzo" | "zstd" | undefined;
  /** Data was found incompressible, or somebody asked for none. */
  readonly noCompress: boolean;
  readonly immutable: boolean;
  readonly append: boolean;
}

export const NO_FLAGS: InodeFlags = {
  nocow: false,
  nodatasum: false,
  compress: false,
  noCompress: false,
  immutable: false,
  append: false,
};

/** INODE_ITEM: what stat tells. 160 bytes. */
export class InodeItem implements TreeItem {
  readonly kind = "inode";
  readonly ino: number;
  readonly size: Pages;
  readonly flags: InodeFlags;

  constructor(ino: number, size: Pages, flags: InodeFlags) {
    this.ino = ino;
    this.size = size;
    this.flags = flags;
  }

  get key(): number {
    return treeKey(this.ino, ItemType.InodeItem, 0);
  }

  get bytes(): number {
    return 160 + ITEM_HEADER;
  }
}

/** INODE_REF: a name of the inode. The model keeps the whole path below the subvolume here. */
export class InodeRef implements TreeItem {
  readonly kind = "ref";
  readonly ino: number;
  readonly name: string;
  readonly index: number;

  constructor(ino: number, name: string, index: number) {
    this.ino = ino;
    this.name = name;
    this.index = index;
  }

  get key(): number {
    return treeKey(this.ino, ItemType.InodeRef, this.index);
  }

  get bytes(): number {
    return 10 + this.name.length + ITEM_HEADER;
  }
}

/** DIR_ITEM and DIR_INDEX of one name: two items of 30 bytes and the name each. */
export class DirEntry implements TreeItem {
  readonly kind = "entry";
  readonly name: string;
  readonly index: number;

  constructor(name: string, index: number) {
    this.name = name;
    this.index = index;
  }

  get key(): number {
    return treeKey(ROOT_DIRECTORY, ItemType.DirEntry, this.index);
  }

  get bytes(): number {
    return 2 * (30 + this.name.length + ITEM_HEADER);
  }
}
