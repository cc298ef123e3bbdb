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
  for (const file of volume.namespace.files()) {
    for (const node of file.dirtyNodes) volume.setNode(file, node, volume.allocateNode(file, node));
    file.dirtyNodes.clear();
  }
  captureState(volume)();
  volume.isDirty = false;
}

/**
 * f2fs_write_checkpoint: waits for data that is on its way, writes all nodes that changed to new places, then the pack.
 * From then on a mount finds this state, and what was freed before can be used again. The kernel keeps everybody from
 * changing anything meanwhile; here what changes after the nodes were written belongs to the next checkpoint.
 */
export function* writeCheckpoint(volume: Volume): Actor {
  yield* volume.checkpointLock.lock("f2fs_write_checkpoint: cp_global_sem");
  if (volume.isDirty) {
    while (volume.inFlight > 0) yield volume.drained.wait("f2fs_wait_on_all_pages");
    yield* writeNodes(volume, dirtyNodes(volume));
    volume.isDirty = false;
    const committed = captureState(volume);
    const { device } = volume;
    const place = packPlace(volume);
    const pack = Bio.writeRun(place, PACK_BLOCKS, { generation: 0, owner: volume.tables, index: place });
    yield* device.submitAndWait(pack, "do_checkpoint: write the pack");
    yield* device.submitAndWait(new Bio("flush", 0, 0), "do_checkpoint: flush the device");
    committed();
  }
  volume.lastCheckpoint = volume.context.engine.now;
  volume.checkpointLock.unlock();
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

/** Writes nodes to the log of nodes; they are clean, and where they were is free for the next checkpoint. */
export function* writeNodes(volume: Volume, nodes: readonly DirtyNode[]): Actor {
  const { engine } = volume.context;
  const bios: Bio[] = [];
  for (const { file, node } of nodes) {
    const place = volume.allocateNode(file, node);
    file.dirtyNodes.delete(node);
    volume.setNode(file, node, place);
    bios.push(nodeBio(volume, place));
  }
  for (const bio of bios) volume.device.submit(bio);
  for (const bio of bios) if (!bio.done) yield bio.wait(engine, "f2fs_sync_node_pages");
}

function nodeBio(volume: Volume, place: BlockNumber): Bio {
  return Bio.writeRun(place, 1, { generation: 0, owner: volume.tables, index: place });
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
