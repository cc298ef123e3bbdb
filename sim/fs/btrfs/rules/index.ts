import { assert } from "../../../engine/index.ts";
import { type OperationState, PLAIN_STATE } from "./operation-state.ts";
import { OPERATION_RULES, type RuledOperation } from "./operations.ts";
import { type Decision, type DecisionList, decide, KERNEL_VERSIONS, rulesOf } from "./rule.ts";
import { SWAP_EXTENT_RULES, SWAP_FILE_RULES, type SwapExtentState, type SwapFileState } from "./swapon.ts";

export type { OperationState } from "./operation-state.ts";
export type { RuledOperation } from "./operations.ts";
export { type Decision, decide, KERNEL_VERSIONS } from "./rule.ts";

/** How a version finds out whether somebody else refers to an extent. */
export type ShareTest =
  /** Any snapshot of the subvolume since the extent was written counts, deleted or not (up to 5.8). */
  | "generation"
  /** The references written in the extent item (5.9 to 6.12); misses sharing through tree blocks: KB-38. */
  | "extent item"
  /** A walk over the references up to the roots (since 6.13). */
  | "back references";

/** The rules of one kernel version. */
export interface KernelRules {
  readonly name: string;
  readonly shareTest: ShareTest;
  /** A NOCOW file that is rewritten anyway is compressed like any other (before 42c16da6d684, 5.3). */
  readonly compressesNocow: boolean;
  /** A task that sends has a mark in the place of a transaction handle (BTRFS_SEND_TRANS_STUB; gone by 6.1). */
  readonly sendMarksJournalInfo: boolean;
  /** Growing and shrinking a device count the space for chunks right (FreeChunkSpace; 6.7). */
  readonly countsFreeChunkSpace: boolean;
  /** The loop of swap activation ends when a signal is pending (9a45022a0efa, 6.13). */
  readonly activationLooksForSignals: boolean;
  readonly swapFile: DecisionList<SwapFileState>;
  readonly swapExtent: DecisionList<SwapExtentState>;
  /** Asks the decision list of an operation. */
  ask(operation: RuledOperation, state: Partial<OperationState>): Decision | undefined;
}

function shareTestOf(version: number): ShareTest {
  if (version < 5009) return "generation";
  return version < 6013 ? "extent item" : "back references";
}

/** The rules of a kernel by its name; linux-6.1 if none is named. */
export function kernelRules(name: string = "linux-6.1"): KernelRules {
  const rules = RULES.get(name);
  assert(rules !== undefined, "a validated kernel has filesystem rules");
  return rules;
}

function rulesOfKernel(name: string, version: number): KernelRules {
  const lists = new Map(
    Object.entries(OPERATION_RULES).map(([operation, list]) => [
      operation,
      rulesOf<OperationState>(list, version),
    ]),
  );
  return {
    name,
    shareTest: shareTestOf(version),
    compressesNocow: version < 5003,
    sendMarksJournalInfo: version < 6001,
    countsFreeChunkSpace: version >= 6007,
    activationLooksForSignals: version >= 6013,
    swapFile: rulesOf(SWAP_FILE_RULES, version),
    swapExtent: rulesOf(SWAP_EXTENT_RULES, version),
    ask: (operation, state) => decide(lists.get(operation) ?? [], { ...PLAIN_STATE, ...state }),
  };
}

const RULES: ReadonlyMap<string, KernelRules> = new Map(
  Object.entries(KERNEL_VERSIONS).map(([name, version]) => [name, rulesOfKernel(name, version)]),
);

/** One row of `pagestorm list rules`. */
export interface RuleRow {
  readonly operation: string;
  /** Place in the operation's list, over all versions. */
  readonly order: number;
  readonly condition: string;
  /** `skip` if the operation goes on without this part. */
  readonly answer: string;
  readonly mechanism: string;
  readonly source: string;
  /** Kernels that have the rule. */
  readonly kernels: readonly string[];
}

/** Every rule, in the order in which they are asked. */
export function listRules(): readonly RuleRow[] {
  return [
    ...rowsOf("swapon", SWAP_FILE_RULES),
    ...rowsOf("swapon, each extent", SWAP_EXTENT_RULES),
    ...Object.entries(OPERATION_RULES).flatMap(([operation, list]) => rowsOf(operation, list)),
  ];
}

function rowsOf<State>(operation: string, list: DecisionList<State>): RuleRow[] {
  return list.map((rule, index) => ({
    operation,
    order: index + 1,
    condition: rule.condition,
    answer: rule.errno ?? "skip",
    mechanism: rule.mechanism,
    source: rule.source,
    kernels: Object.entries(KERNEL_VERSIONS)
      .filter(([, version]) => rulesOf([rule], version).length > 0)
      .map(([name]) => name),
  }));
}
