import { type ParameterDeclarations, SECOND, withDefaults } from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { Btrfs } from "./btrfs.ts";
import { COMPRESSION_METHODS, methodNamed } from "./compression.ts";
import { CHUNK_PROFILES, profileNamed } from "./profiles.ts";
import { KERNEL_VERSIONS } from "./rules/index.ts";
import { writePaths } from "./write-paths/index.ts";

export { devicesNeeded, roomForData } from "./limits.ts";
export { listRules, type RuleRow } from "./rules/index.ts";

const names: readonly string[] = CHUNK_PROFILES.map(({ name }) => name);

const parameters: ParameterDeclarations = {
  data: {
    type: "choice",
    choices: names,
    default: "single",
    meaning: "profile of data chunks (mkfs.btrfs -d)",
  },
  metadata: {
    type: "choice",
    choices: names,
    default: "dup",
    meaning: "profile of metadata chunks (mkfs.btrfs -m)",
  },
  mixed: {
    type: "boolean",
    default: false,
    meaning: "data and metadata share block groups of the profile of data (mkfs.btrfs --mixed)",
  },
  commit: {
    type: "duration",
    unit: "ns",
    default: 30 * SECOND,
    min: SECOND,
    meaning: "time between commits (mount option commit=, 30 s by default)",
  },
  rules: {
    type: "choice",
    choices: Object.keys(KERNEL_VERSIONS),
    optional: true,
    meaning: "kernel whose rules the filesystem follows; left out: the machine's",
  },
  autodefrag: {
    type: "boolean",
    default: false,
    meaning: "files with small random writes are defragmented in the background (mount option autodefrag)",
  },
  compress: {
    type: "choice",
    choices: ["none", ...COMPRESSION_METHODS],
    default: "none",
    meaning: "how data written from now on is compressed (mount option compress=)",
  },
  compressForce: {
    type: "boolean",
    default: false,
    meaning: "also what was found incompressible or is flagged so (mount option compress-force=)",
  },
  compressedTo: {
    type: "integer",
    unit: "percent",
    default: 50,
    min: 1,
    max: 100,
    meaning: "what the contents of files come to when compressed (an estimate); 100: incompressible",
  },
  maxInline: {
    type: "size",
    default: 2048,
    min: 0,
    max: 4095,
    meaning: "files up to this size lie in the tree (mount option max_inline=)",
  },
  writePath: {
    type: "choice",
    choices: ["btrfs", ...writePaths.names()],
    default: "btrfs",
    meaning:
      "how a page-out through the filesystem is carried: as btrfs would, by workers that update an index (bcachefs), or in transaction groups (a ZFS volume)",
  },
  writePathWorkers: {
    type: "integer",
    unit: "threads",
    default: 4,
    min: 0,
    meaning: "workers of another write path than that of btrfs, beside the rescuer",
  },
  writePathRoom: {
    type: "integer",
    unit: "pages",
    default: 64,
    min: 1,
    meaning: "journal entries (bcachefs) or pages of a transaction group (zfs)",
  },
  skipBalance: {
    type: "boolean",
    default: false,
    meaning: "a balance that a power loss cut off stays paused (mount option skip_balance)",
  },
  discard: {
    type: "boolean",
    default: false,
    meaning: "freed space is discarded in the background, two minutes after it was freed",
  },
  deferredFree: {
    type: "duration",
    default: 0,
    min: 0,
    meaning:
      "a trait of xfs: a file that lost its last name keeps its blocks this long, until a worker frees them",
  },
  reclaim: {
    type: "integer",
    unit: "percent",
    default: 0,
    min: 0,
    max: 100,
    meaning:
      "data block groups used less than this are relocated by themselves (bg_reclaim_threshold); 0: never",
  },
};

/** btrfs as Linux has it, without quotas. */
export const btrfsType: FilesystemType = {
  name: "btrfs",
  summary: "Copy-on-write filesystem with chunks, profiles, snapshots, balance and 30-second transactions.",
  source: "fs/btrfs, Linux 6.1",
  copyOnWrite: true,
  parameters,
  create(context, devices, options, layout) {
    const given = withDefaults(parameters, options);
    const rules = given["rules"];
    const kind = writePaths.get(String(given["writePath"]));
    const [workers, room] = [Number(given["writePathWorkers"]), Number(given["writePathRoom"])];
    return new Btrfs(rules === undefined ? context : { ...context, kernel: String(rules) }, devices, {
      data: profileNamed(String(given["data"])),
      metadata: profileNamed(String(given[given["mixed"] === true ? "data" : "metadata"])),
      mixed: given["mixed"] === true,
      commit: Number(given["commit"]),
      reclaimThreshold: Number(given["reclaim"]),
      autodefrag: given["autodefrag"] === true,
      discard: given["discard"] === true,
      compress: methodNamed(String(given["compress"])),
      compressForce: given["compressForce"] === true,
      compressedTo: Number(given["compressedTo"]),
      maxInline: Number(given["maxInline"]),
      ...(kind ? { writePath: { kind, workers, room } } : {}),
      deferredFree: Number(given["deferredFree"]),
      skipBalance: given["skipBalance"] === true,
      ...(layout ? { layout } : {}),
    });
  },
};
