import { assert, type ParameterDeclarations, SECOND, withDefaults } from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { Btrfs } from "./btrfs.ts";
import { CHUNK_PROFILES, type ChunkProfile } from "./profiles.ts";

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
};

function profile(name: unknown): ChunkProfile {
  const found = CHUNK_PROFILES.find((candidate) => candidate.name === name);
  assert(found !== undefined, "a validated profile exists");
  return found;
}

/** btrfs as Linux 6.1 has it, the minimum that swap and relocation meet. */
export const btrfsType: FilesystemType = {
  name: "btrfs",
  summary: "Copy-on-write filesystem with chunks, snapshots, balance and 30-second transactions.",
  source: "fs/btrfs, Linux 6.1",
  copyOnWrite: true,
  parameters,
  create(context, devices, options) {
    const given = withDefaults(parameters, options);
    const profiles = { data: profile(given["data"]), metadata: profile(given["metadata"]) };
    return new Btrfs(context, devices, profiles, Number(given["commit"]));
  },
};
