import type { BlockStats } from "./block-device.ts";
import type { Request } from "./request.ts";

const SECTORS_PER_PAGE = 8;

export function zeroStats(): BlockStats {
  return {
    readIos: 0,
    readMerges: 0,
    readSectors: 0,
    writeIos: 0,
    writeMerges: 0,
    writeSectors: 0,
    flushIos: 0,
    discardIos: 0,
    discardSectors: 0,
    busy: 0,
  };
}

/** A request has ended: ios and sectors by operation. */
export function countRequest(stats: BlockStats, { operation, count }: Request): void {
  const sectors = count * SECTORS_PER_PAGE;
  switch (operation) {
    case "read":
      stats.readIos++;
      stats.readSectors += sectors;
      return;
    case "write":
      stats.writeIos++;
      stats.writeSectors += sectors;
      return;
    case "discard":
      stats.discardIos++;
      stats.discardSectors += sectors;
      return;
    case "flush":
      stats.flushIos++;
  }
}
