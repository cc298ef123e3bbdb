import {
  type DeviceSpec,
  type MachineSpec,
  PAGE_SIZE,
  type SwapSpec,
  type ZswapOptions,
} from "../../sim/index.ts";
import type { Catalogue } from "./catalogue.ts";
import { readCosts } from "./costs.ts";
import { type FieldValues, readDeclared } from "./declared.ts";
import type { Fields, Value } from "./document.ts";
import { deviceFields, machineFields, zswapFields } from "./fields/index.ts";
import { checkUsers, isStacked, readStacked, stackDevices } from "./stacked.ts";

/** The devices of `storage`; `names` also holds those with a problem, so that naming one is not a second problem. */
export interface Storage {
  readonly devices: readonly DeviceSpec[];
  readonly names: readonly string[];
}

/** The machine with all defaults; undefined if it is missing, incomplete if it has a problem. */
export function readMachine(
  top: Fields,
  catalogue: Catalogue,
  settings: Fields | undefined,
): MachineSpec | undefined {
  const expected = "the machine, such as { memory: 256MiB, cpus: 2 }";
  const given = top.require("machine", expected)?.map(expected);
  if (!given) return undefined;
  const set = settings?.get("machine")?.map(expected);
  const fields = set ? given.with(set) : given;
  const declarations = machineFields(catalogue);
  fields.rejectUnknown([...Object.keys(declarations), "zswap"]);
  const machine = readDeclared(fields, declarations) as FieldValues & MachineSpec;
  const zswap = readZswap(fields, machine.memory, catalogue);
  const costs = readCosts(top, settings);
  return { ...machine, ...(zswap ? { zswap } : {}), ...(costs ? { costs } : {}) };
}

/** The pool of compressed pages; its limit is a share of memory. */
function readZswap(machine: Fields, memory: number, catalogue: Catalogue): ZswapOptions | undefined {
  const fields = machine
    .get("zswap")
    ?.map("options of zswap, such as { zpool: zsmalloc, maxPoolPercent: 20 }");
  if (!fields) return undefined;
  const declarations = zswapFields(catalogue);
  fields.rejectUnknown(Object.keys(declarations));
  const { zpool, maxPoolPercent } = readDeclared(fields, declarations);
  const maxPages = Math.floor(((memory / PAGE_SIZE) * Number(maxPoolPercent)) / 100);
  return { zpool: String(zpool), maxPages };
}

/** Stacks that cannot be, or that would make no sense. */
export function checkStack(
  top: Fields,
  machine: MachineSpec | undefined,
  swap: readonly SwapSpec[],
  { devices }: Storage,
  catalogue: Catalogue,
): void {
  const filesystem = top.get("filesystem");
  const list = filesystem?.isMap ? filesystem.map("a filesystem")?.get("devices") : undefined;
  const members = (list?.isList ? list.list("devices") : []) ?? [];
  const areas = swap.map(({ target }) => (target.kind === "file" ? target.path : target.device));
  const used = [
    ...members.map((at) => ({ name: at.text, by: "filesystem", at })),
    ...areas.map((name) => ({ name, by: "swap", at: top.get("swap") })),
  ];
  checkUsers(devices, used, catalogue);
  checkZswap(top, machine, swap, devices, catalogue);
}

/** A pool of compressed pages in front of a device that keeps compressed pages itself would only double the work. */
function checkZswap(
  top: Fields,
  machine: MachineSpec | undefined,
  swap: readonly SwapSpec[],
  devices: readonly DeviceSpec[],
  { deviceModels }: Catalogue,
): void {
  if (!machine?.zswap) return;
  for (const { target } of swap) {
    const device = target.kind === "device" ? devices.find(({ name }) => name === target.device) : undefined;
    if (!device || deviceModels.get(device.model)?.livesInMemory !== true) continue;
    top.get("swap")?.report("swap that zswap can write to, or no zswap", {
      found: `zswap on ${device.model} (${device.name})`,
    });
  }
}

/** The block devices in the order of the file. */
export function readStorage(top: Fields, catalogue: Catalogue): Storage {
  const expected = "the devices by name, such as vda: { model: nvme-consumer, size: 8GiB }";
  const fields = top.require("storage", expected)?.map(expected);
  if (!fields) return { devices: [], names: [] };
  if (fields.all.length === 0) fields.owner.report(expected, { found: "no device" });
  const stacked = fields.all.filter((field) => isStacked(field, catalogue));
  const plain = fields.all
    .filter((field) => !stacked.includes(field))
    .flatMap(({ name, value }) => readDevice(name, value, catalogue) ?? []);
  const over = stacked.flatMap((field) => readStacked(field, catalogue) ?? []);
  const devices = over.length === 0 ? plain : inOrder(stackDevices(top, plain, over), fields);
  return { devices, names: fields.all.map(({ name }) => name) };
}

/** In the order of the file. */
function inOrder(devices: readonly DeviceSpec[], { all }: Fields): readonly DeviceSpec[] {
  return all.flatMap((field) => devices.find(({ name }) => name === field.name) ?? []);
}

/** One device; undefined after a problem. */
function readDevice(name: string, value: Value, catalogue: Catalogue): DeviceSpec | undefined {
  const fields = value.map("a device, such as { model: nvme-consumer, size: 8GiB }");
  if (!fields) return undefined;
  const declarations = deviceFields(catalogue);
  fields.rejectUnknown(Object.keys(declarations));
  const { model, size, ...rest } = readDeclared(fields, declarations);
  return typeof model === "string" && typeof size === "number" ? { name, model, size, ...rest } : undefined;
}
