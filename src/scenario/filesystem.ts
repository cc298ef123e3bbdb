import type { FileSpec, FilesystemSpec } from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { readDeclared, readValue } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { FILE_FIELDS } from "./fields/index.ts";
import type { Storage } from "./hardware.ts";
import { readLayout } from "./layout.ts";
import { nearest, oneOf } from "./nearest.ts";
import { writeSize } from "./units.ts";

/** The filesystem as read; `paths` also holds files with a problem. */
export interface ReadFilesystem {
  readonly spec: FilesystemSpec;
  readonly paths: readonly string[];
}

/** Space that metadata takes, as a share of the data it describes. An estimate on the safe side. */
const METADATA_SHARE = 0.1;

/** The filesystem, if the scenario has one. With an unknown type nothing is said about its options. */
export function readFilesystem(
  top: Fields,
  storage: Storage,
  catalogue: Catalogue,
): ReadFilesystem | undefined {
  const expected = "a filesystem, such as { type: btrfs, devices: [vda], files: … }";
  const fields = top.get("filesystem")?.map(expected);
  if (!fields) return undefined;
  const types = catalogue.filesystemTypes;
  const typeField = { type: "choice", choices: types.names(), meaning: "kind of filesystem" } as const;
  const { type } = readDeclared(fields, { type: typeField });
  const declared = typeof type === "string" ? types.get(type)?.parameters : undefined;
  if (declared) fields.rejectUnknown(["type", "devices", "files", "layout", ...Object.keys(declared)]);
  const files = readFiles(fields);
  const devices = readDeviceList(fields, storage);
  const layoutText = fields.get("layout");
  const profiles = declared?.["data"]?.choices ?? [];
  const layout = layoutText && readLayout(layoutText, profiles, devices.length);
  const spec: FilesystemSpec = {
    type: String(type),
    devices,
    options: declared ? readDeclared(fields, declared) : {},
    files: files.map(({ spec }) => spec),
    ...(layout ? { layout } : {}),
  };
  if (declared) checkCapacity(fields, files, spec, storage, catalogue);
  const listed = fields.get("files")?.isMap ? filePaths(fields) : [];
  return { spec, paths: [...listed, ...(layout?.files ?? []).map(({ path }) => path)] };
}

/** All paths that are listed, whether or not their files are right. */
function filePaths(fields: Fields): readonly string[] {
  return fields
    .get("files")!
    .map("files")!
    .all.map(({ name }) => name);
}

/** The devices that are right. That there are fewer than listed tells that some were not. */
function readDeviceList(fields: Fields, storage: Storage): readonly string[] {
  const expected = `a list of devices of storage: ${storage.names.join(", ")}`;
  const items = fields.require("devices", expected)?.list(expected) ?? [];
  if (items.length === 0) fields.get("devices")?.report("at least one device");
  const names: string[] = [];
  for (const item of items) {
    const name = readDeviceName(item, storage);
    if (name !== undefined && names.includes(name)) item.report("each device once");
    else if (name !== undefined) names.push(name);
  }
  return names;
}

/** The name of a device that `storage` has. */
export function readDeviceName(value: Value, storage: Storage): string | undefined {
  if (storage.names.includes(value.text)) return value.text;
  const suggestion = nearest(value.text, storage.names);
  value.report(`a device of storage: ${oneOf(storage.names, suggestion)}`, { suggestion });
  return undefined;
}

/** The path of a file that the filesystem has. */
export function readFilePath(value: Value, paths: readonly string[]): string | undefined {
  if (paths.includes(value.text)) return value.text;
  const suggestion = nearest(value.text, paths);
  value.report(`a file listed under filesystem.files: ${oneOf(paths, suggestion)}`, { suggestion });
  return undefined;
}

/** A file with the place of its size, which is where a file that does not fit is reported. */
interface PlacedFile {
  readonly spec: FileSpec;
  readonly size: Value;
}

/** The files that are right. */
function readFiles(fields: Fields): readonly PlacedFile[] {
  const entries = fields.get("files")?.map("files by path, such as /swapfile: { size: 1GiB }")?.all ?? [];
  return entries.flatMap(({ name, key, value }) => {
    readValue(key, { type: "path", meaning: "path of the file" });
    const file = value.map("a file, such as { size: 1GiB, nocow: true }");
    if (!file) return [];
    file.rejectUnknown(Object.keys(FILE_FIELDS));
    const values = readDeclared(file, FILE_FIELDS);
    const size = file.get("size");
    if (!size || values["size"] === undefined) return [];
    return [{ spec: { path: name, ...values } as unknown as FileSpec, size }];
  });
}

/** Files must fit: a machine whose disk cannot be filled as described cannot be built. */
function checkCapacity(
  fields: Fields,
  files: readonly PlacedFile[],
  spec: FilesystemSpec,
  storage: Storage,
  catalogue: Catalogue,
): void {
  const limits = catalogue.filesystemLimits(spec.type);
  const devices = storage.devices.filter(({ name }) => spec.devices.includes(name));
  const list = fields.get("devices");
  if (spec.devices.length > limits.devicesAtMost) {
    list?.report(`at most ${limits.devicesAtMost} device for ${spec.type}`, {
      found: `${spec.devices.length} devices`,
    });
  }
  const tooSmall = devices.filter(({ size }) => size < limits.smallestDevice);
  for (const { name, size } of tooSmall) {
    const expected = `at least ${writeSize(limits.smallestDevice)} for ${spec.type}`;
    list?.report(expected, { found: `${name} of ${writeSize(size)}` });
  }
  const isListRight = list?.isList && devices.length === list.list("devices")!.length;
  if (!isListRight || tooSmall.length > 0) return;
  const least = limits.devicesAtLeast(spec.options);
  if (devices.length < least) {
    list?.report(`at least ${least} devices for these profiles`, { found: `${devices.length}` });
    return;
  }
  const sizes = devices.map(({ size }) => size);
  const room = Math.floor(limits.room(spec.options, sizes) / (1 + METADATA_SHARE));
  checkRoom(fields, files, room);
}

/** Names the files that are too large by themselves, or else all of them together. */
function checkRoom(fields: Fields, files: readonly PlacedFile[], room: number): void {
  const expected = `at most ${writeMiB(room)} on these devices with ${METADATA_SHARE * 100} % left for metadata`;
  const tooLarge = files.filter(({ spec }) => spec.size > room);
  for (const { size } of tooLarge) size.report(expected);
  const sum = files.reduce((bytes, { spec }) => bytes + spec.size, 0);
  if (tooLarge.length > 0 || sum <= room) return;
  fields.get("files")?.report(expected, { found: `files of ${writeMiB(sum)} together` });
}

function writeMiB(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)}MiB`;
}
