import { type ParameterDeclarations, type ParameterValues, withDefaults } from "../../engine/index.ts";
import type { BalanceFilters, ByteRange, OperationResult } from "../administration.ts";
import type { Filesystem } from "../filesystem.ts";
import {
  fileAt,
  isOn,
  isRefusal,
  numberOf,
  type Operation,
  rangeIn,
  refused,
  textOf,
  unsupported,
} from "./operation.ts";

const TYPES = ["data", "metadata", "system", "all"] as const;
const PROFILES = ["single", "dup", "raid0", "raid1", "raid1c3", "raid1c4", "raid10"];

const parameters: ParameterDeclarations = {
  type: {
    type: "choice",
    choices: TYPES,
    default: "data",
    meaning: "which block groups are looked at; metadata includes system",
  },
  profiles: {
    type: "text",
    optional: true,
    meaning: "only chunks of these profiles, such as single|dup; left out: all",
  },
  usage: {
    type: "integer",
    unit: "percent",
    optional: true,
    min: 0,
    max: 100,
    meaning: "only block groups used less than this much; left out: all",
  },
  usageMin: {
    type: "integer",
    unit: "percent",
    optional: true,
    min: 0,
    max: 100,
    meaning: "only block groups used at least this much; left out: no lower bound",
  },
  devid: { type: "integer", optional: true, min: 1, meaning: "only chunks with a stripe on this device" },
  drange: {
    type: "text",
    optional: true,
    meaning: "only chunks with a stripe in from..to in bytes of the device of devid; left out: everywhere",
  },
  vrange: {
    type: "text",
    optional: true,
    meaning:
      "only block groups that hold extents of this file (a path), or that meet the logical addresses from..to in bytes; left out: all",
  },
  stripes: {
    type: "text",
    optional: true,
    meaning: "only chunks with from..to stripes; left out: any number",
  },
  limit: {
    type: "integer",
    unit: "block groups",
    optional: true,
    min: 1,
    meaning: "at most this many block groups; left out: no limit",
  },
  convert: {
    type: "choice",
    choices: PROFILES,
    optional: true,
    meaning: "profile the chunks get; left out: the one they have",
  },
  soft: { type: "boolean", default: false, meaning: "leave chunks alone that have the profile already" },
  force: { type: "boolean", default: false, meaning: "also if metadata loses redundancy" },
};

/** Moves every extent of the chosen block groups elsewhere and frees the groups. */
export const balance: Operation = {
  name: "balance",
  summary: "Relocates block groups, chosen by filters, one after the other.",
  source: "btrfs balance start; btrfs_balance and btrfs_relocate_block_group, Linux 6.1",
  parameters,
  *run({ fs }, given, id) {
    const filters = filtersOf(fs, withDefaults(parameters, given));
    if ("errno" in filters) return filters;
    if (!fs.volume) return unsupported(fs, "balance");
    return yield* fs.volume.balance(filters, id);
  },
};

function filtersOf(fs: Filesystem, args: ParameterValues): BalanceFilters | OperationResult {
  const range = vrangeOf(fs, textOf(args, "vrange"));
  if ("errno" in range) return range;
  const drange = textOf(args, "drange");
  const device = drange === undefined ? undefined : rangeIn(drange);
  if (drange !== undefined && !isRange(device)) return wrongRange("drange", drange);
  const stripes = textOf(args, "stripes");
  const stripeRange = stripes === undefined ? undefined : rangeIn(stripes);
  if (stripes !== undefined && !stripeRange) return wrongRange("stripes", stripes);
  const profiles = textOf(args, "profiles")?.split("|");
  const unknown = profiles?.find((name) => !PROFILES.includes(name));
  if (unknown !== undefined) return refused("EINVAL", `there is no profile "${unknown}"`);
  return {
    type: TYPES.find((type) => type === args["type"]) ?? "data",
    ...range,
    ...given("profiles", profiles),
    ...given("usage", numberOf(args, "usage")),
    ...given("usageMin", numberOf(args, "usageMin")),
    ...given("devid", numberOf(args, "devid")),
    ...given("drange", device),
    ...given("stripes", stripeRange),
    ...given("limit", numberOf(args, "limit")),
    ...given("convert", textOf(args, "convert")),
    ...(isOn(args, "soft") ? { soft: true } : {}),
    ...(isOn(args, "force") ? { force: true } : {}),
  };
}

function given<Name extends keyof BalanceFilters>(
  name: Name,
  value: BalanceFilters[Name] | undefined,
): Partial<BalanceFilters> {
  return value === undefined ? {} : { [name]: value };
}

/** `/file` or `from..to`, the end not included, as btrfs-progs writes ranges. */
function vrangeOf(
  fs: Filesystem,
  text: string | undefined,
): Pick<BalanceFilters, "vrange" | "vrangeOf"> | OperationResult {
  if (text === undefined) return {};
  if (text.startsWith("/")) {
    const file = fileAt(fs, text);
    return isRefusal(file) ? file : { vrangeOf: file };
  }
  const vrange = rangeIn(text);
  return isRange(vrange) ? { vrange } : wrongRange("vrange", text);
}

function isRange(range: ByteRange | undefined): range is ByteRange {
  return range !== undefined && range.from < range.to;
}

function wrongRange(name: string, text: string): OperationResult {
  const what = name === "vrange" ? "a path or from..to in bytes with from below to" : "from..to";
  return refused("EINVAL", `${name} is ${what}, not "${text}"`);
}
