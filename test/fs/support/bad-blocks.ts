import type { BioOperation, SimulatedDevice } from "../../../sim/block/index.ts";
import { PAGE_SIZE } from "../../../sim/engine/index.ts";
import type { FileHandle } from "../../../sim/fs/index.ts";
import type { BtrfsMachine } from "./btrfs-machine.ts";

/** From now on whatever reads, or writes, this block of the device ends with EIO: a defect of the medium. */
export function spoil(
  machine: BtrfsMachine,
  device: SimulatedDevice,
  operation: BioOperation,
  block: number,
): void {
  const submit = device.submit.bind(device);
  device.submit = (bio, plug) => {
    const meets = bio.operation === operation && bio.block <= block && block < bio.block + bio.count;
    if (meets) bio.complete(machine.engine, "EIO");
    else submit(bio, plug);
  };
}

/** Where the copies of a file's block lie in a chunk that is not striped, one block number a device. */
export function copiesOf(machine: BtrfsMachine, file: FileHandle, block: number): readonly number[] {
  const first = machine.fs.bmap(file, block)!.block;
  const row = machine.fs.chunks().find(({ flags, stripes, length }) => {
    const offset = first * PAGE_SIZE - stripes[0]!.physical;
    return flags.startsWith("data") && offset >= 0 && offset < length;
  })!;
  return row.stripes.map(({ physical }) => first + (physical - row.stripes[0]!.physical) / PAGE_SIZE);
}
