import { type ParameterDeclarations, SECOND, withDefaults } from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { Btrfs } from "./btrfs.ts";
import { CHUNK_PROFILES, profileNamed } from "./profiles.ts";
import { KERNEL_VERSIONS } from "./rules/index.ts";

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
  discard: {
    type: "boolean",
    default: false,
    meaning: "freed space is discarded in the background, two minutes after it was freed",
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

/** btrfs as Linux has it, without parity profiles, quotas and send. */
export const btrfsType: FilesystemType = {
  name: "btrfs",
  summary: "Copy-on-write filesystem with chunks, profiles, snapshots, balance and 30-second transactions.",
  source: "fs/btrfs, Linux 6.1",
  copyOnWrite: true,
  parameters,
  create(context, devices, options, layout) {
    const given = withDefaults(parameters, options);
    const rules = given["rules"];
    return new Btrfs(rules === undefined ? context : { ...context, kernel: String(rules) }, devices, {
      data: profileNamed(String(given["data"])),
      metadata: profileNamed(String(given["metadata"])),
      commit: Number(given["commit"]),
      reclaimThreshold: Number(given["reclaim"]),
      autodefrag: given["autodefrag"] === true,
      discard: given["discard"] === true,
      ...(layout ? { layout } : {}),
    });
  },
};
