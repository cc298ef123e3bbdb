import type { Bytes, ParameterValues } from "../../engine/index.ts";
import { profileNamed } from "./profiles.ts";

/** Devices that the profiles of a filesystem need at least. */
export function devicesNeeded(options: ParameterValues): number {
  const { data = "single", mixed = false } = options;
  const metadata = mixed === true ? data : (options["metadata"] ?? "dup");
  return Math.max(...[data, metadata].map((name) => profileNamed(String(name)).devicesMin));
}

/**
 * Bytes of data that fit on devices of these sizes, chunks of metadata left aside: copies lie on different devices, so
 * no device holds more than one copy of anything.
 */
export function roomForData(options: ParameterValues, sizes: readonly Bytes[]): Bytes {
  const { copies, copiesPerDevice } = profileNamed(String(options["data"] ?? "single"));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (copiesPerDevice > 1 || copies === 1) return Math.floor(total / copies);
  const descending = sizes.toSorted((a, b) => b - a);
  let rest = total;
  let room = Math.floor(total / copies);
  for (let full = 1; full < copies; full++) {
    rest -= descending[full - 1]!;
    room = Math.min(room, Math.floor(rest / (copies - full)));
  }
  return room;
}
