import type { DeviceSpec } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { readDeclared } from "./declared.ts";
import type { Field, Fields, Value } from "./document.ts";
import { stackedFields } from "./fields/index.ts";
import { inARow, nearest } from "./nearest.ts";
import { parseSize } from "./units.ts";

/** A stacked device while its size is not known yet. */
export interface Stacked {
  readonly name: string;
  readonly model: string;
  readonly over: string;
  readonly at: Value;
  readonly isOverFile: boolean;
}

/** One device that lies over another one or over a file; undefined after a problem. */
export function readStacked({ name, value }: Field, catalogue: Catalogue): Stacked | undefined {
  const fields = value.map("a device, such as { model: dm-crypt, over: vda }");
  if (!fields) return undefined;
  const declarations = stackedFields(catalogue);
  fields.rejectUnknown(Object.keys(declarations));
  const { model, over } = readDeclared(fields, declarations);
  if (typeof model !== "string" || typeof over !== "string") return undefined;
  const isOverFile = catalogue.stackedDevices.get(model)?.over === "file";
  return { name, model, over, at: fields.get("over")!, isOverFile };
}

/** True if the map under a device's name is that of a stacked one. */
export function isStacked({ value }: Field, { stackedDevices }: Catalogue): boolean {
  if (!value.isMap) return false;
  const fields = value.map("a device");
  return fields?.has("over") || stackedDevices.names().includes(fields?.get("model")?.text ?? "");
}

/**
 * Sizes from what lies below, lowest first. Reports what is not there, what lies over itself, and what two users would
 * write to at once.
 */
export function stackDevices(
  top: Fields,
  plain: readonly DeviceSpec[],
  stacked: readonly Stacked[],
): readonly DeviceSpec[] {
  const known = new Map(plain.map((device) => [device.name, device]));
  const files = fileSizes(top);
  const users = new Map<string, string>();
  let left = stacked.filter((device) => isPossible(device, { plain, stacked, files, users }));
  for (let before = -1; left.length > 0 && left.length !== before; ) {
    before = left.length;
    left = left.filter(({ name, model, over, isOverFile }) => {
      const size = isOverFile ? files.get(over) : known.get(over)?.size;
      if (size === undefined) return true;
      known.set(name, { name, model, over, size });
      return false;
    });
  }
  for (const { at, name, over } of left) {
    // What lies over a file or a device with a problem of its own needs no second one.
    if (isInCircle(name, stacked)) {
      at.report("something that does not lie over it in turn", { found: `${name} over ${over}` });
    }
  }
  return [...known.values()];
}

interface Around {
  readonly plain: readonly DeviceSpec[];
  readonly stacked: readonly Stacked[];
  readonly files: ReadonlyMap<string, number | undefined>;
  readonly users: Map<string, string>;
}

function isPossible({ name, over, at, isOverFile }: Stacked, around: Around): boolean {
  const { plain, stacked, files, users } = around;
  const devices = [...plain, ...stacked].map((device) => device.name);
  const names = isOverFile ? [...files.keys()] : devices;
  if (!names.includes(over)) {
    const expected = isOverFile ? "a file of the filesystem" : "a device of storage";
    const suggestion = nearest(over, names);
    at.report(`${expected}: ${inARow(names, suggestion) || "there is none"}`, { suggestion });
    return false;
  }
  const other = users.get(over);
  if (other !== undefined)
    at.report("something that nobody else lies over", { found: `${over}, like ${other}` });
  users.set(over, name);
  return other === undefined;
}

function isInCircle(name: string, stacked: readonly Stacked[]): boolean {
  const below = new Map(stacked.filter(({ isOverFile }) => !isOverFile).map((one) => [one.name, one.over]));
  let at = below.get(name);
  for (let steps = 0; at !== undefined && steps <= below.size; steps++) {
    if (at === name) return true;
    at = below.get(at);
  }
  return false;
}

/** Files by path, with a size if that is right; what is wrong is told when the filesystem is read. */
function fileSizes(top: Fields): Map<string, number | undefined> {
  const filesystem = top.get("filesystem");
  const files = filesystem?.isMap ? filesystem.map("a filesystem")?.get("files") : undefined;
  const entries = files?.isMap ? (files.map("files")?.all ?? []) : [];
  return new Map(
    entries.map(({ name, value }) => {
      const size = value.isMap ? value.map("a file")?.get("size") : undefined;
      return [name, size && parseSize(size.text)];
    }),
  );
}

/**
 * What lies below a device belongs to that device: neither a filesystem nor swap may use it as well. And a filesystem
 * cannot lie over a file of its own.
 */
export function checkUsers(
  devices: readonly DeviceSpec[],
  used: readonly { readonly name: string; readonly by: string; readonly at: Value | undefined }[],
  catalogue: Catalogue,
): void {
  for (const { name, by, at } of used) {
    const above = devices.find(({ over }) => over === name);
    if (above)
      at?.report(`something that no device lies over`, { found: `${name} for ${by}, under ${above.name}` });
    if (by === "filesystem" && liesOverFile(name, devices, catalogue)) {
      at?.report("a device that does not lie over a file of the filesystem itself", { found: name });
    }
  }
}

function liesOverFile(name: string, devices: readonly DeviceSpec[], catalogue: Catalogue): boolean {
  const device = devices.find((one) => one.name === name);
  if (device?.over === undefined) return false;
  if (catalogue.stackedDevices.get(device.model)?.over === "file") return true;
  return liesOverFile(device.over, devices, catalogue);
}
