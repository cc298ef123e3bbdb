import type { BlockContent, Generation, GenerationCounter, HistoryEvent } from "../block/index.ts";
import { fail, type Instant, type Pages } from "../engine/index.ts";
import type { Violation, ViolationClass, ViolationLedger } from "./violations.ts";

/** Where a slot's bytes lie and what the device knows about that block; given by the machine for explanations. */
export interface SlotView {
  readonly slot: string;
  readonly content: BlockContent;
  /** Who wrote what is there now, in words. */
  readonly writtenBy: string;
  /** What happened to the block; looked up only when somebody tells the story. */
  history(): readonly HistoryEvent[];
  /** Where the slot lay before its file moved away, and what is still there. */
  left(): readonly OldPlace[];
}

/** A block that a slot's file has left. */
export interface OldPlace {
  /** When the file left it. */
  readonly at: Instant;
  readonly block: string;
  /** What lies there now. */
  readonly generation: Generation;
}

export interface PageOracleContext {
  now(): Instant;
  readonly generations: GenerationCounter;
  readonly ledger: ViolationLedger;
  look(entry: number): SlotView | undefined;
}

const FIRST_SLOTS = 64;

interface TaskRecord {
  readonly name: string;
  /** 1 where the page was stored to since its last copy; set by the access loop. */
  readonly stored: Uint8Array;
  /** The bytes of the last copy, by page. */
  readonly generation: Uint32Array;
  /** The task is gone: nobody asks for its pages any more. */
  ended: boolean;
}

/**
 * What every page must hold. Knows the stores of the tasks and the copies that reached slots, nothing of frames,
 * dirty bits, extents or time. It reads no model state except through `look`, and only to explain.
 */
export class PageOracle {
  readonly #context: PageOracleContext;
  readonly #tasks: TaskRecord[] = [];
  /** What each slot must hold: the bytes last written to it. By swap entry; grows as entries are met. */
  #slots = new Uint32Array(FIRST_SLOTS);
  /** What a slot was found to hold instead, so that a wrong read-ahead page is not told twice. */
  readonly #toldWrong = new Map<number, Generation>();

  constructor(context: PageOracleContext) {
    this.#context = context;
  }

  taskStarted(task: number, name: string, pages: Pages): Uint8Array {
    if (task !== this.#tasks.length) fail("tasks start in the order of their numbers");
    const record = { name, stored: new Uint8Array(pages), generation: new Uint32Array(pages), ended: false };
    this.#tasks.push(record);
    return record.stored;
  }

  taskForked(parent: number, child: number): void {
    this.#task(child).generation.set(this.#task(parent).generation);
  }

  taskEnded(task: number): void {
    this.#task(task).ended = true;
  }

  copied(task: number, page: number, content: Generation): Generation {
    const record = this.#task(task);
    if (record.stored[page] === 0) return content;
    record.stored[page] = 0;
    const fresh = this.#context.generations.take();
    record.generation[page] = fresh;
    return fresh;
  }

  slotWritten(entry: number, content: Generation): void {
    if (entry >= this.#slots.length) this.#growSlots(entry);
    this.#slots[entry] = content;
    if (this.#toldWrong.size > 0) this.#toldWrong.delete(entry);
  }

  slotRead(entry: number, found: Generation): void {
    const expected = this.#slots[entry] ?? 0;
    if (found === expected || this.#toldWrong.get(entry) === found) return;
    this.#toldWrong.set(entry, found);
    this.#wrongPage(entry, found, expected, "page-in of a slot", "swap_readpage read the slot");
  }

  mapped(task: number, page: number, entry: number, found: Generation): void {
    const record = this.#task(task);
    const expected = record.generation[page]!;
    if (found === expected) return;
    this.#context.ledger.pageHarmed(task, page);
    if (this.#toldWrong.get(entry) !== found) {
      this.#wrongPage(
        entry,
        found,
        expected,
        `page ${page} of task ${record.name}`,
        "a fault mapped the page",
      );
    }
    record.generation[page] = found;
  }

  /** The frame goes without a write although the page was stored to: the store is lost. */
  dropped(task: number, page: number): void {
    const record = this.#task(task);
    if (record.ended || record.stored[page] === 0) return;
    record.stored[page] = 0;
    const { ledger } = this.#context;
    const at = this.#context.now();
    ledger.pageHarmed(task, page);
    ledger.add("L", () => ({
      class: "L",
      at,
      what: `page ${page} of task ${record.name}`,
      got: `the frame was freed as clean; its slot holds generation ${record.generation[page]}`,
      expected: "the page was stored to since that copy, so it must be written first",
      because: [{ at, what: "reclaim freed the frame without a write" }],
    }));
  }

  unreadable(task: number, page: number, entry: number): void {
    const { ledger } = this.#context;
    const at = this.#context.now();
    ledger.pageHarmed(task, page);
    ledger.add("H", () => ({
      class: "H",
      at,
      what: `page ${page} of task ${this.#task(task).name}`,
      got: "the slot could not be read; the task got SIGBUS",
      expected: `generation ${this.#slots[entry] ?? 0}`,
      because: this.#because(entry, at, "the device answered with an error"),
    }));
  }

  /** The end of the run: a page that lies in its slot must still be there. */
  audit(task: number, page: number, entry: number): void {
    const view = this.#context.look(entry);
    const record = this.#task(task);
    const expected = record.generation[page]!;
    if (record.ended || view?.content.generation === expected) return;
    const found = view?.content.generation ?? 0;
    this.#context.ledger.pageHarmed(task, page);
    if (this.#toldWrong.get(entry) === found) return;
    this.#toldWrong.set(entry, found);
    this.#wrongPage(
      entry,
      found,
      expected,
      `page ${page} of task ${record.name}`,
      "the slot was read at the end of the run",
    );
  }

  /** What a page must hold if it was copied to a slot; for the audit of frames in the swap cache. */
  expectedCopy(task: number, page: number): Generation {
    return this.#task(task).generation[page]!;
  }

  #growSlots(entry: number): void {
    const larger = new Uint32Array(Math.max(entry + 1, this.#slots.length * 2));
    larger.set(this.#slots);
    this.#slots = larger;
  }

  #task(task: number): TaskRecord {
    return this.#tasks[task] ?? fail("the oracle knows every task");
  }

  #wrongPage(entry: number, found: Generation, expected: Generation, what: string, last: string): void {
    const kind: ViolationClass = found === 0 && this.#wasDiscarded(entry) ? "D" : "A";
    const at = this.#context.now();
    this.#context.ledger.add(kind, () => {
      const view = this.#context.look(entry);
      return {
        class: kind,
        at,
        what: view ? `${what} (${view.slot})` : what,
        got: found === 0 ? "zeroes" : `generation ${found}, written by ${view?.writtenBy ?? "nobody"}`,
        expected: `generation ${expected}`,
        because: this.#because(entry, at, last, view && writtenToOldPlace(view, found, expected)),
      };
    });
  }

  #wasDiscarded(entry: number): boolean {
    return this.#context.look(entry)?.history().at(-1)?.what.includes("discarded") === true;
  }

  #because(entry: number, at: Instant, last: string, stray?: HistoryEvent): Violation["because"] {
    const view = this.#context.look(entry);
    if (!view) return [{ at, what: last }];
    const before = [...(stray ? [stray] : []), ...view.history()];
    before.sort((a, b) => a.at - b.at);
    return [...before, { at, what: `${last}; the block holds ${view.writtenBy}` }];
  }
}

/**
 * What happened to a page-out whose bytes lie where its file has moved away from. Older bytes in the new place say that the
 * copy was made before it; younger ones would be of somebody who wrote there since, and zeroes of a discard. When the page-out
 * wrote is not known, so it is told with the move.
 */
function writtenToOldPlace(
  view: SlotView,
  found: Generation,
  expected: Generation,
): HistoryEvent | undefined {
  const isOlder = found > 0 && found < expected;
  const old = isOlder && view.left().find(({ generation }) => generation === expected);
  if (!old) return undefined;
  const what = `the file moved away from ${old.block}; its bytes had been copied when a page-out wrote generation ${expected} to that old place`;
  return { at: old.at, what };
}
