import { Bio } from "../../block/index.ts";
import { type Actor, type BlockNumber, delay } from "../../engine/index.ts";
import type { CommittedFile, F2fsFile } from "./file.ts";
import type { Logs } from "./logs.ts";
import type { Volume } from "./volume.ts";

/** What a checkpoint leads to; a file without a name is not among them. */
export interface CommittedState {
  /** Counts checkpoints (checkpoint_ver). */
  readonly version: number;
  readonly files: ReadonlyMap<F2fsFile, CommittedFile>;
  readonly logs: ReturnType<Logs["capture"]>;
}

/** A checkpoint pack with its copies of the summaries of open logs, as one write (a pack has 6 blocks after mkfs). */
const PACK_BLOCKS = 6;
/** The two packs, a segment each, in front of everything else. */
const PACKS: readonly BlockNumber[] = [512, 1024];

/** What is there when the machine starts has been on disk for long. */
export function checkpointAtMount(volume: Volume): void {
  placeNodes(volume, dirtyNodes(volume));
  captureState(volume)();
  volume.isDirty = false;
}

/**
 * f2fs_write_checkpoint: writes all nodes that changed to new places, then the pack. From then on a mount finds the state
 * of the moment in which it began, and what was freed before can be used again. The kernel keeps everybody from changing
 * anything meanwhile; here what changes belongs to the next checkpoint. Data need no waiting for: a block has its new
 * place when it is on the device.
 */
export function* writeCheckpoint(volume: Volume): Actor {
  yield* volume.checkpointLock.lock("f2fs_write_checkpoint: cp_global_sem");
  if (volume.isDirty && !volume.isStopped) {
    const nodes = placeNodes(volume, dirtyNodes(volume));
    const committed = captureState(volume);
    volume.isDirty = false;
    const isWritten = (yield* writeAll(volume, nodes)) && (yield* writePack(volume));
    if (isWritten) committed();
    else volume.stop();
  }
  volume.lastCheckpoint = volume.context.engine.now;
  volume.checkpointLock.unlock();
}

function* writePack(volume: Volume): Actor<boolean> {
  const place = packPlace(volume);
  const { device, tables } = volume;
  const pack = Bio.writeRun(place, PACK_BLOCKS, { generation: 0, owner: tables, index: place });
  if ((yield* device.submitAndWait(pack, "do_checkpoint: write the pack")) !== "ok") return false;
  const flush = new Bio("flush", 0, 0);
  return (yield* device.submitAndWait(flush, "do_checkpoint: flush the device")) === "ok";
}

/** f2fs_balance_fs_bg looks whether a checkpoint is due whenever something is written back; this one looks by itself. */
export function* checkpointDaemon(volume: Volume): Actor {
  const { engine } = volume.context;
  for (;;) {
    const due = volume.lastCheckpoint + volume.options.checkpoint - engine.now;
    if (due > 0) yield delay("f2fs_ckpt: CP_TIME", due);
    else yield* writeCheckpoint(volume);
  }
}

interface DirtyNode {
  readonly file: F2fsFile;
  readonly node: number;
}

function dirtyNodes(volume: Volume): readonly DirtyNode[] {
  return volume.namespace
    .files()
    .flatMap((file) => [...file.dirtyNodes].map((node): DirtyNode => ({ file, node })));
}

/** Gives nodes new places in the log of nodes; what they say is written there next. */
function placeNodes(volume: Volume, nodes: readonly DirtyNode[]): readonly BlockNumber[] {
  return nodes.map(({ file, node }) => {
    const place = volume.allocateNode(file, node);
    volume.setNode(file, node, place);
    return place;
  });
}

/** Writes nodes to new places, for a checkpoint or because their section is collected. */
export function* writeNodes(volume: Volume, nodes: readonly DirtyNode[]): Actor<boolean> {
  return yield* writeAll(volume, placeNodes(volume, nodes));
}

/** True if all of them are on the device. */
function* writeAll(volume: Volume, places: readonly BlockNumber[]): Actor<boolean> {
  const { device, tables, context } = volume;
  const bios = places.map((place) => Bio.writeRun(place, 1, { generation: 0, owner: tables, index: place }));
  for (const bio of bios) device.submit(bio);
  for (const bio of bios) if (!bio.done) yield bio.wait(context.engine, "f2fs_sync_node_pages");
  return bios.every(({ status }) => status === "ok");
}

/** Packs are written in turn, so that one of them is always whole. */
function packPlace(volume: Volume): BlockNumber {
  return PACKS[volume.committed.version % 2]!;
}

function captureState(volume: Volume): () => void {
  const { files: before, version } = volume.committed;
  const files = new Map(volume.namespace.files().map((file) => [file, file.commit(before.get(file))]));
  const logs = volume.logs.capture();
  const free = volume.segments.capture((section) => volume.logs.holds(section));
  return () => {
    volume.committed = { version: version + 1, files, logs };
    free();
  };
}
