import type { BlockDevice } from "../block/index.ts";
import type { ParameterValues, RegistryEntry } from "../engine/index.ts";
import type { Filesystem, FsContext } from "./filesystem.ts";
import type { LaidDisk } from "./laid-disk.ts";

/** A kind of filesystem: what `filesystem.type` of a scenario names. Its parameters are the mount and mkfs options. */
export interface FilesystemType extends RegistryEntry {
  readonly copyOnWrite: boolean;
  /** Makes and mounts a fresh filesystem; `mount` of the result starts its threads. Takes no simulated time. */
  create(
    context: FsContext,
    devices: readonly BlockDevice[],
    options: ParameterValues,
    /** Where everything lies already; only a type with chunks has it. */
    layout?: LaidDisk,
  ): Filesystem;
}
