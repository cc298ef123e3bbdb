import { type Actor, bytesOf, MIB, type Pages, step, WaitQueue } from "../../engine/index.ts";
import type { BalanceFilters, OperationResult, Skipped } from "../administration.ts";
import type { Errno } from "../errno.ts";
import { shouldBalanceChunk, typesOf } from "./balance-filters.ts";
import type { BlockGroup, GroupType } from "./block-group.ts";
import type { FsInfo } from "./fs-info.ts";
import { done, failed, refusalOf } from "./operation-result.ts";
import { type ChunkProfile, isRedundant, profileNamed } from "./profiles.ts";
import { relocateBlockGroup } from "./relocation.ts";

/** Usage that a resumed balance without filters of its own looks for (update_balance_args). */
const RESUME_USAGE = 90;

/** A balance from its start to its end, pauses included (struct btrfs_balance_control). */
export class BalanceControl {
  readonly filters: BalanceFilters;
  pauseRequested = false;
  cancelRequested = false;
  /** Somebody waits here for the balance to stop. */
  readonly stopped: WaitQueue;

  constructor(info: FsInfo, filters: BalanceFilters) {
    this.filters = filters;
    this.stopped = new WaitQueue(info.context.engine, "balance");
  }

  get stopRequested(): boolean {
    return this.pauseRequested || this.cancelRequested;
  }
}

/** btrfs_balance: the chosen block groups, from the highest address down, relocated one after the other. */
export function* balance(info: FsInfo, filters: BalanceFilters, operation: string): Actor<OperationResult> {
  yield step("btrfs_balance", info);
  const refused = yield* refusalOf(info, "balance", { operation });
  if (refused) return refused;
  const wrong = wrongFilters(info, filters);
  if (wrong !== undefined) return failed("EINVAL", wrong);
  if (!info.exclusive.start("balance"))
    return failed("EINPROGRESS", "another exclusive operation is running");
  info.context.log(`BTRFS info: balance: start ${describe(filters)}`);
  return yield* run(info, new BalanceControl(info, filters), operation);
}

/** BTRFS_BALANCE_RESUME: what was paused goes on, and leaves alone what looks done. */
export function* resumeBalance(info: FsInfo, operation: string): Actor<OperationResult> {
  yield step("btrfs_balance (resume)", info);
  const paused = info.balance;
  if (!paused || info.exclusive.running !== "balance paused")
    return failed("ENOTCONN", "no balance is paused");
  info.exclusive.resumeBalance();
  return yield* goOn(info, paused.filters, operation);
}

/**
 * btrfs_recover_balance: the mount finds the item of a balance that had not ended, running or paused. It counts as paused
 * until `balanceAtMount` goes on with it.
 */
export function recoverBalance(info: FsInfo, filters: BalanceFilters | undefined): void {
  if (!filters) return;
  info.exclusive.pauseBalance();
  info.balance = new BalanceControl(info, filters);
}

/** btrfs_resume_balance_async: a thread goes on with a recovered balance, unless the mount option says no. */
export function* balanceAtMount(info: FsInfo): Actor {
  yield step("btrfs-balance", info);
  if (info.options.skipBalance) info.context.log("BTRFS info: balance: resume skipped");
  else yield* resumeBalance(info, "balance resumed at mount");
}

function* goOn(info: FsInfo, filters: BalanceFilters, operation: string): Actor<OperationResult> {
  const soft = filters.convert === undefined ? {} : { soft: true };
  const usage = filters.usage === undefined && filters.convert === undefined ? { usage: RESUME_USAGE } : {};
  const resumed = { ...filters, ...soft, ...usage };
  info.context.log(`BTRFS info: balance: resume ${describe(resumed)}`);
  return yield* run(info, new BalanceControl(info, resumed), operation);
}

/** BTRFS_IOC_BALANCE_CTL: asks a running balance to stop between two chunks and waits until it has. */
export function* pauseBalance(info: FsInfo): Actor<OperationResult> {
  yield step("btrfs_pause_balance", info);
  const { balance: control } = info;
  if (!control || info.exclusive.running !== "balance") return failed("ENOTCONN", "no balance is running");
  control.pauseRequested = true;
  yield control.stopped.wait("btrfs_pause_balance");
  return info.balance === control ? done("the balance is paused") : failed("ENOTCONN", "it had ended");
}

/** Stops a running balance as soon as its chunk is done, or forgets a paused one. */
export function* cancelBalance(info: FsInfo): Actor<OperationResult> {
  yield step("btrfs_cancel_balance", info);
  const { balance: control } = info;
  if (!control) return failed("ENOTCONN", "there is no balance");
  control.cancelRequested = true;
  if (info.exclusive.running === "balance") yield control.stopped.wait("btrfs_cancel_balance");
  else yield* end(info);
  return done("the balance is cancelled");
}

/** Filters that the kernel refuses (those of mixed groups, validate_convert_profile, and the redundancy of metadata without force). */
function wrongFilters(info: FsInfo, filters: BalanceFilters): string | undefined {
  const { volumes } = info;
  if (volumes.mixed && filters.type !== "all" && filters.type !== "system") {
    return "balance: mixed groups data and metadata options must be the same";
  }
  if (filters.convert === undefined) return undefined;
  const target = profileNamed(filters.convert);
  if (volumes.writable.length < target.devicesMin) {
    return `invalid convert profile ${target.name} for ${volumes.writable.length} devices`;
  }
  return filters.force !== true && reducesRedundancy(info, filters, target)
    ? "balance: reduces metadata redundancy, use --force if you want this"
    : undefined;
}

/** Metadata, or system, has a redundant profile now, and would have one that is not (btrfs_balance, 6.1). */
function reducesRedundancy({ volumes }: FsInfo, filters: BalanceFilters, target: ChunkProfile): boolean {
  const types = typesOf(filters).filter((type) => type !== "data");
  return (
    !isRedundant(target) &&
    types.some((type) => volumes.groupsOf(type).some(({ profile }) => isRedundant(profile)))
  );
}

function* run(info: FsInfo, control: BalanceControl, operation: string): Actor<OperationResult> {
  const { filters } = control;
  info.balance = control;
  // insert_balance_item: a mount after a power loss finds it.
  yield* info.transactions.commit();
  if (filters.convert !== undefined) {
    for (const type of typesOf(filters)) info.convertTo.set(type, profileNamed(filters.convert));
  }
  const pass = new Pass(info, control, operation);
  yield* pass.run();
  const paused = control.pauseRequested && !control.cancelRequested && pass.stopped;
  info.convertTo.clear();
  if (paused) info.exclusive.pauseBalance();
  else yield* end(info);
  control.stopped.wakeAll();
  info.context.log(`BTRFS info: balance: ${paused ? "paused" : `ended with status: ${pass.errno ?? 0}`}`);
  return pass.result();
}

/** reset_balance_state and del_balance_item; what the last chunk occupied is free after that commit. */
function* end(info: FsInfo): Actor {
  info.balance = undefined;
  yield* info.transactions.commit();
  info.exclusive.end();
}

/** __btrfs_balance: one walk over the chunks. Chunks made above the cursor meanwhile are not visited. */
class Pass {
  readonly #info: FsInfo;
  readonly #control: BalanceControl;
  readonly #operation: string;
  readonly #skipped: Skipped[] = [];
  #considered = 0;
  #relocated = 0;
  #moved: Pages = 0;
  #noSpace = 0;
  #forcedData = false;
  errno: Errno | undefined;
  /** Somebody asked for a stop before the end. */
  stopped = false;

  constructor(info: FsInfo, control: BalanceControl, operation: string) {
    this.#info = info;
    this.#control = control;
    this.#operation = operation;
  }

  *run(): Actor {
    const { volumes } = this.#info;
    const { limit = Number.POSITIVE_INFINITY } = this.#control.filters;
    const taken = new Map<GroupType, number>();
    let group = volumes.groupBefore(Number.MAX_SAFE_INTEGER);
    for (; group; group = volumes.groupBefore(group.start)) {
      if (this.#control.stopRequested) {
        this.stopped = true;
        this.errno = "ECANCELED";
        return;
      }
      this.#considered++;
      if (!shouldBalanceChunk(this.#info, group, this.#control.filters)) continue;
      // Each type has its own arguments, and so its own limit.
      const before = taken.get(group.type) ?? 0;
      if (before >= limit) continue;
      taken.set(group.type, before + 1);
      yield* this.#relocate(group);
      if (this.errno !== undefined && this.errno !== "ENOSPC") return;
    }
    if (this.#noSpace > 0) {
      this.errno = "ENOSPC";
      this.#info.context.log(`BTRFS info: ${this.#noSpace} enospc errors during balance`);
    }
  }

  *#relocate(group: BlockGroup): Actor {
    this.#keepDataProfile(group);
    const { used } = group;
    const errno = yield* relocateBlockGroup(this.#info, group, this.#operation);
    if (errno === undefined) {
      this.#relocated++;
      this.#moved += used;
      return;
    }
    if (errno === "ENOSPC") this.#noSpace++;
    else if (errno !== "ETXTBSY") this.errno = errno;
    this.#skipped.push({ what: `block group ${group.bytenr}`, reason: reasonOf(errno) });
  }

  /** btrfs_may_alloc_data_chunk: relocating the last, empty data chunk must not lose the profile of data. */
  #keepDataProfile(group: BlockGroup): void {
    const { volumes, allocator } = this.#info;
    if (this.#forcedData || group.type !== "data") return;
    if (volumes.groupsOf("data").some(({ used }) => used > 0)) return;
    this.#forcedData = true;
    allocator.allocateChunk("data");
  }

  result(): OperationResult {
    const moved = Math.round(bytesOf(this.#moved) / MIB);
    const achieved = `relocated ${this.#relocated} of ${this.#considered} chunks, ${moved} MiB`;
    return { errno: this.errno, achieved, skipped: this.#skipped };
  }
}

function reasonOf(errno: Errno): string {
  if (errno === "ETXTBSY") return "active swapfile";
  return errno === "ENOSPC" ? "ENOSPC: no room for its extents elsewhere" : errno;
}

/** Filters as btrfs-progs writes them. */
function describe(filters: BalanceFilters): string {
  const { usage, usageMin, profiles, devid, vrange, limit, convert, soft } = filters;
  const parts = [
    profiles && `profiles=${profiles.join("|")}`,
    usage !== undefined && `usage=${usageMin === undefined ? usage : `${usageMin}..${usage}`}`,
    devid !== undefined && `devid=${devid}`,
    vrange && `vrange=${vrange.from}..${vrange.to}`,
    limit !== undefined && `limit=${limit}`,
    convert !== undefined && `convert=${convert}`,
    soft === true && "soft",
  ].filter((part) => typeof part === "string");
  return typesOf(filters)
    .filter((type) => type !== "mixed")
    .map((type) => `-${type[0]}${parts.join(",")}`)
    .join(" ");
}
