import { type Actor, NeverEnds, type Process, probe } from "../../../engine/index.ts";
import type { FsInfo } from "../fs-info.ts";

/** An open transaction handle of a task (current->journal_info). */
interface Handle {
  users: number;
  /** A commit inside it has ended and freed it. */
  freed: boolean;
}

const hitMarked = probe("a swap-out takes the mark of a send for a transaction handle");
const hitNested = probe("a swap-out uses the transaction handle of the task in which reclaim runs");

/**
 * Which task has a transaction open. Reclaim inside one uses its handle again, without asking whether a transaction may
 * be joined; a commit there frees the handle under the feet of the outer user (D9).
 */
export class JournalInfo {
  readonly #handles = new Map<Process, Handle>();
  /** Tasks that send: a mark stands in the place of their handle (BTRFS_SEND_TRANS_STUB). */
  readonly #marked = new Set<Process>();

  /** The running process is inside a transaction of its own. */
  isOpen(info: FsInfo): boolean {
    return this.#handles.has(info.context.engine.current);
  }

  /** start_transaction found a handle: one user more. */
  join(info: FsInfo): void {
    const handle = this.#handles.get(info.context.engine.current);
    if (!handle) return;
    hitNested();
    handle.users++;
  }

  /** The running process begins to send, and ends. */
  mark(info: FsInfo): void {
    this.#marked.add(info.context.engine.current);
  }

  unmark(info: FsInfo): void {
    this.#marked.delete(info.context.engine.current);
  }

  /** start_transaction of a process that sends takes the mark for a handle, and that is the end of the process (D9). */
  *oopsIfMarked(info: FsInfo): Actor {
    if (!this.#marked.has(info.context.engine.current)) return;
    hitMarked();
    info.context.log("BUG: unable to handle kernel NULL pointer dereference in start_transaction");
    const never = new NeverEnds("an oops: a send has a mark in the place of its transaction handle");
    yield* never.wait("start_transaction (oops)");
  }

  open(info: FsInfo): void {
    this.#handles.set(info.context.engine.current, { users: 1, freed: false });
  }

  /** btrfs_end_transaction. */
  *end(info: FsInfo): Actor {
    const { current } = info.context.engine;
    const handle = this.#handles.get(current);
    if (!handle || --handle.users > 0) return;
    this.#handles.delete(current);
    if (!handle.freed) return;
    info.context.log("BUG: unable to handle kernel paging request in __btrfs_end_transaction");
    const never = new NeverEnds("an oops: its transaction handle was freed by a commit inside reclaim");
    yield* never.wait("__btrfs_end_transaction (oops)");
  }

  /** btrfs_commit_transaction by somebody who has a handle open further out. */
  committed(info: FsInfo): void {
    const handle = this.#handles.get(info.context.engine.current);
    if (handle) handle.freed = true;
  }
}
