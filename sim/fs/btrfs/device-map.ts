import type { BlockDevice, OwnerId } from "../../block/index.ts";
import type { BlockNumber, Pages } from "../../engine/index.ts";
import type { Region } from "../filesystem.ts";
import { type BlockRun, endOf } from "../free-space.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { DevExtent } from "./device.ts";
import type { Extent } from "./extent-tree.ts";
import type { FsInfo } from "./fs-info.ts";

const KINDS = ["free", "data", "metadata", "pinned"] as const;
const KIND_OF: Readonly<Record<GroupType, number>> = { data: 1, metadata: 2, system: 2, mixed: 1 };

/** A group cut into regions, column by column: a group has up to a quarter of a million of them. */
class GroupMap {
  /** State of the group that the map shows. */
  version = -1;
  length = 0;
  start: Uint32Array = new Uint32Array(64);
  count: Uint32Array = new Uint32Array(64);
  kind: Uint8Array = new Uint8Array(64);
  /** 0: none. */
  owner: Uint32Array = new Uint32Array(64);

  /** Appends blocks from `offset` on; neighbours of one kind and owner are joined. */
  add(offset: Pages, count: Pages, kind: number, owner: OwnerId): void {
    const last = this.length - 1;
    if (last >= 0 && this.kind[last] === kind && this.owner[last] === owner) {
      this.count[last] = this.count[last]! + count;
      return;
    }
    if (this.length === this.start.length) this.#grow();
    this.start[this.length] = offset;
    this.count[this.length] = count;
    this.kind[this.length] = kind;
    this.owner[this.length++] = owner;
  }

  #grow(): void {
    const larger = <Column extends Uint32Array | Uint8Array>(old: Column, column: Column): Column => {
      column.set(old);
      return column;
    };
    const length = this.start.length * 2;
    this.start = larger(this.start, new Uint32Array(length));
    this.count = larger(this.count, new Uint32Array(length));
    this.kind = larger(this.kind, new Uint8Array(length));
    this.owner = larger(this.owner, new Uint32Array(length));
  }
}

/** Maps of groups, redrawn when something came or went there: a device is looked at often. */
const maps = new WeakMap<BlockGroup, GroupMap>();

/** The map of one device, ascending, without gaps: chunks cut into extents and free space, and what lies between. */
export function* regions(info: FsInfo, device: BlockDevice): Generator<Region, void, undefined> {
  let at = 0;
  for (const extent of info.volumes.deviceOf(device)?.extents.valuesFrom(0) ?? []) {
    const { physical } = extent.stripe;
    if (physical > at) yield unallocated(at, physical);
    yield* regionsOfStripe(info, extent);
    at = physical + extent.group.stripeLength;
  }
  if (at < device.size) yield unallocated(at, device.size);
}

function unallocated(from: BlockNumber, to: BlockNumber): Region {
  return { block: from, count: to - from, kind: "unallocated", owner: undefined };
}

/** What of a group lies on one of its stripes. */
function* regionsOfStripe(info: FsInfo, { stripe, group }: DevExtent): Generator<Region, void, undefined> {
  const map = mapOf(info, group);
  let at = stripe.physical;
  for (let row = 0; row < map.length; row++) {
    const first = group.start + map.start[row]!;
    const kind = KINDS[map.kind[row]!]!;
    const owner = map.owner[row] || undefined;
    if (!group.profile.striped) {
      yield { block: stripe.physical + map.start[row]!, count: map.count[row]!, kind, owner };
      continue;
    }
    for (const piece of info.volumes.piecesOf(group, first, map.count[row]!)) {
      for (let mirror = 0; mirror < group.profile.copies; mirror++) {
        const place = group.place(piece.logical, mirror);
        if (place.stripe !== stripe) continue;
        if (place.block > at) yield parity(at, place.block);
        yield { block: place.block, count: piece.count, kind, owner };
        at = place.block + piece.count;
      }
    }
  }
  const end = stripe.physical + group.stripeLength;
  if (group.profile.parity > 0 && at < end) yield parity(at, end);
}

/** Blocks that hold parity belong to nobody and cannot be had. */
function parity(from: BlockNumber, to: BlockNumber): Region {
  return { block: from, count: to - from, kind: "reserved", owner: undefined };
}

function mapOf(info: FsInfo, group: BlockGroup): GroupMap {
  let map = maps.get(group);
  if (!map) {
    map = new GroupMap();
    maps.set(group, map);
  }
  if (map.version !== group.version) draw(info, group, map);
  return map;
}

/** Extents and free runs, merged by address; what is neither is pinned, reserved or excluded. */
function draw(info: FsInfo, group: BlockGroup, map: GroupMap): void {
  map.length = 0;
  map.version = group.version;
  const used = KIND_OF[group.type];
  const free = group.free.runsFrom(group.start);
  let hole: BlockRun | undefined = free.next().value ?? undefined;
  let at = group.start;
  const fill = (to: BlockNumber): void => {
    if (to > at) map.add(at - group.start, to - at, 3, 0);
  };
  const addHoles = (before: BlockNumber): void => {
    for (; hole && hole.block < before; hole = free.next().value ?? undefined) {
      fill(hole.block);
      map.add(hole.block - group.start, hole.count, 0, 0);
      at = endOf(hole);
    }
  };
  for (const extent of info.extents.inGroup(group)) {
    addHoles(extent.start);
    fill(extent.start);
    map.add(
      extent.start - group.start,
      extent.count,
      extent.node ? KIND_OF.metadata : used,
      ownerOfExtent(info, extent),
    );
    at = extent.end;
  }
  addHoles(group.end);
  fill(group.end);
}

/** The owner of the first reference is enough for a map. */
function ownerOfExtent(info: FsInfo, extent: Extent): OwnerId {
  if (extent.node) return extent.node.owner;
  const [ref] = extent.refs.all();
  for (const { inodes, id, dead } of info.subvolumes) {
    if (dead || (typeof ref?.holder === "number" && ref.holder !== id)) continue;
    const inode = inodes.get(ref?.ino ?? 0);
    if (inode) return inode.owner;
  }
  return 0;
}
