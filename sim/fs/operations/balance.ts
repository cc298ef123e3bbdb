import { type ParameterDeclarations, type ParameterValues, withDefaults } from "../../engine/index.ts";
import type { BalanceFilters, Filesystem, OperationResult } from "../filesystem.ts";
import { fileAt, isRefusal, numberOf, type Operation, refused, textOf, unsupported } from "./operation.ts";

const TYPES = ["data", "metadata", "all"] as const;

const parameters: ParameterDeclarations = {
  type: { type: "choice", choices: TYPES, default: "data", meaning: "which block groups are looked at" },
  usage: {
    type: "integer",
    unit: "percent",
    optional: true,
    min: 0,
    max: 100,
    meaning: "only block groups used at most this much; left out: all",
  },
  vrange: {
    type: "text",
    optional: true,
    meaning:
      "only block groups that hold extents of this file (a path), or that meet the logical addresses from..to in bytes; left out: all",
  },
  limit: {
    type: "integer",
    unit: "block groups",
    optional: true,
    min: 1,
    meaning: "at most this many block groups; left out: no limit",
  },
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
    if (!fs.balance) return unsupported(fs, "balance");
    return yield* fs.balance(filters, id);
  },
};

function filtersOf(fs: Filesystem, args: ParameterValues): BalanceFilters | OperationResult {
  const usage = numberOf(args, "usage");
  const limit = numberOf(args, "limit");
  const range = rangeOf(fs, textOf(args, "vrange"));
  if ("errno" in range) return range;
  return {
    type: TYPES.find((type) => type === args["type"]) ?? "data",
    ...(usage === undefined ? {} : { usage }),
    ...(limit === undefined ? {} : { limit }),
    ...range,
  };
}

/** `/file` or `from..to`, the end not included, as btrfs-progs writes ranges. */
function rangeOf(
  fs: Filesystem,
  text: string | undefined,
): Pick<BalanceFilters, "vrange" | "vrangeOf"> | OperationResult {
  if (text === undefined) return {};
  if (text.startsWith("/")) {
    const file = fileAt(fs, text);
    return isRefusal(file) ? file : { vrangeOf: file };
  }
  const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  const vrange = { from: Number(from), to: Number(to) };
  if (vrange.from < vrange.to) return { vrange };
  return refused("EINVAL", `vrange is a path or from..to in bytes with from below to, not "${text}"`);
}
