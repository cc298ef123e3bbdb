import { type FileSpec, PAGE_SIZE, type SwapSpec } from "../../sim/index.ts";
import { readDeclared } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { SWAP_FIELDS } from "./fields/index.ts";
import { type ReadFilesystem, readDeviceName, readFilePath } from "./filesystem.ts";
import type { Storage } from "./hardware.ts";
import { nearest, oneOf } from "./nearest.ts";
import type { PlacedVariant } from "./variants.ts";

/** The swap areas, which may be left out where a timeline can switch swap on; what the variants make of them is checked by `checkTargets`. */
export function readSwap(
  top: Fields,
  storage: Storage,
  filesystem: ReadFilesystem | undefined,
): readonly SwapSpec[] {
  const expected = "a list of swap areas, such as - path: /swapfile";
  const value = top.has("timeline") ? top.get("swap") : top.require("swap", expected);
  const items = value?.list(expected);
  if (items?.length === 0) value?.report("at least one swap area", { found: "none" });
  const areas: SwapSpec[] = [];
  for (const item of items ?? []) {
    const area = readArea(item, storage, filesystem);
    if (!area) continue;
    const isTwice = areas.some(({ target }) => nameOf(target) === nameOf(area.target));
    if (isTwice) item.report("each swap area once", { found: `${nameOf(area.target)} a second time` });
    else areas.push(area);
  }
  return areas;
}

function nameOf(target: SwapSpec["target"]): string {
  return target.kind === "file" ? target.path : target.device;
}

/** One swap area. The header of mkswap may promise less than the target holds, but not more. */
function readArea(
  value: Value,
  storage: Storage,
  filesystem: ReadFilesystem | undefined,
): SwapSpec | undefined {
  const fields = value.map("a swap area, such as { path: /swapfile }");
  if (!fields) return undefined;
  fields.rejectUnknown(["path", "device", ...Object.keys(SWAP_FIELDS)]);
  const { pages, priority } = readDeclared(fields, SWAP_FIELDS);
  const target = readTarget(fields, storage, filesystem);
  if (!target) return undefined;
  const room = roomOf(target, storage, filesystem?.spec.files ?? []);
  if (typeof pages === "number" && pages > room) {
    fields.get("pages")?.report(`at most ${room} pages, the size of ${nameOf(target)}`);
  }
  return { target, headerPages: pages as number | undefined, priority: priority as number | undefined };
}

/** The file or device that an area lies on; undefined after a problem. */
function readTarget(
  fields: Fields,
  storage: Storage,
  filesystem: ReadFilesystem | undefined,
): SwapSpec["target"] | undefined {
  const path = fields.get("path");
  const device = fields.get("device");
  if (path && device) {
    device.report("either path or device");
    return undefined;
  }
  if (path) {
    const name = readFilePath(path, filesystem?.paths ?? []);
    return name === undefined ? undefined : { kind: "file", path: name };
  }
  if (!device) {
    fields.owner.report("path: a file of the filesystem, or device: a device of storage");
    return undefined;
  }
  const name = readDeviceName(device, storage);
  if (name === undefined) return undefined;
  if (filesystem?.spec.devices.includes(name)) {
    device.report("a device that the filesystem does not use");
    return undefined;
  }
  return { kind: "device", device: name };
}

/** Pages of the target; one that has a problem of its own has room for everything. */
function roomOf(target: SwapSpec["target"], storage: Storage, files: readonly FileSpec[]): number {
  const size =
    target.kind === "file"
      ? files.find(({ path }) => path === target.path)?.size
      : storage.devices.find(({ name }) => name === target.device)?.size;
  return size === undefined ? Number.POSITIVE_INFINITY : size / PAGE_SIZE;
}

/** Each variant must be able to use each swap area: a file for those that swap to files, else a device of its own. */
export function checkTargets(
  variants: readonly PlacedVariant[],
  swap: readonly SwapSpec[],
  storage: Storage,
  filesystem: ReadFilesystem | undefined,
): void {
  for (const { variant, targets, at } of variants) {
    const area = swap.find(({ target }) => target.kind !== targets);
    if (targets === "file") {
      if (area)
        at.report("a strategy for a device, or path: under swap", {
          found: `${variant.name}, which needs a file`,
        });
      continue;
    }
    const device = variant.options["device"];
    if (device !== undefined && device !== "") checkDevice(String(device), at, swap, storage, filesystem);
    else if (area) {
      at.report(`the device to use, such as { ${variant.strategy}: { device: vdb } }`, {
        found: variant.name,
      });
    }
  }
}

/** A device that a variant names must be free, and there can be only one area on it. */
function checkDevice(
  name: string,
  at: Value,
  swap: readonly SwapSpec[],
  storage: Storage,
  filesystem: ReadFilesystem | undefined,
): void {
  const free = storage.names.filter((device) => !filesystem?.spec.devices.includes(device));
  if (!free.includes(name)) {
    const suggestion = nearest(name, free);
    at.report(`a device that the filesystem does not use: ${oneOf(free, suggestion)}`, {
      found: `the device ${JSON.stringify(name)}`,
      suggestion,
    });
  } else if (storage.devices.some(({ over }) => over === name)) {
    at.report("a device that no other one lies over", { found: `the device ${JSON.stringify(name)}` });
  } else if (swap.length > 1) {
    at.report("one swap area, because they would all lie on one device", {
      found: `${swap.length} swap areas`,
    });
  }
}
