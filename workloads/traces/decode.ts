import { type Bytes, bytesOf, type Pages } from "../../sim/engine/index.ts";
import { PAGES_MAX } from "../limits.ts";
import { gunzip, looksGzipped } from "./gunzip.ts";
import { type AccessSink, LackeyParser } from "./lackey.ts";
import { PageNumbers } from "./page-numbers.ts";
import type { TraceProblem } from "./problem.ts";

/** Accesses in one chunk of a decoded trace: 256 KiB. */
const CHUNK = 65_536;

/** Pages next to each other in the address space of the recorded program. */
export interface TraceRegion {
  /** Dense number of the first page. */
  readonly firstPage: number;
  readonly pages: Pages;
  /** Where the region began in the recorded program. */
  readonly address: Bytes;
}

/** A recorded trace in memory, 4 bytes an access. Pages are numbered densely in ascending order of address. */
export interface DecodedTrace {
  /** Different pages. */
  readonly pages: Pages;
  readonly accesses: number;
  /** Accesses that write. */
  readonly writes: number;
  /** The accesses in order, each as `page * 2 + (write ? 1 : 0)`. */
  readonly chunks: readonly Uint32Array[];
  readonly regions: readonly TraceRegion[];
}

/** Decodes a trace of valgrind lackey, plain or gzipped, that comes in chunks cut anywhere. */
export function decodeTrace(chunks: Iterable<Uint8Array>): DecodedTrace | TraceProblem {
  const source = chunks[Symbol.iterator]();
  const head = takeHead(source);
  const whole = headAndRest(head, source);
  const text = looksGzipped(head) ? gunzip(whole) : plain(whole);

  const builder = new TraceBuilder();
  const parser = new LackeyParser(builder);
  let problem: TraceProblem | undefined;
  let step = text.next();
  // A gzip file is unpacked to its end in any case: damage to it explains a strange line better than the line does.
  for (; !step.done && (problem === undefined || looksGzipped(head)); step = text.next()) {
    problem ??= parser.push(step.value) ?? builder.problem(parser.lines);
  }
  if (!step.done) text.return(undefined);
  const damage = step.done ? step.value : undefined;
  return damage ?? problem ?? parser.end() ?? builder.problem(parser.lines) ?? builder.finish();
}

/** Reads until two bytes are there, which tell gzip from text. */
function takeHead(source: Iterator<Uint8Array>): Uint8Array {
  let head = new Uint8Array(0);
  while (head.length < 2) {
    const step = source.next();
    if (step.done) break;
    const longer = new Uint8Array(head.length + step.value.length);
    longer.set(head);
    longer.set(step.value, head.length);
    head = longer;
  }
  return head;
}

function* headAndRest(head: Uint8Array, rest: Iterator<Uint8Array>): Generator<Uint8Array, undefined, void> {
  try {
    yield head;
    for (let step = rest.next(); !step.done; step = rest.next()) yield step.value;
  } finally {
    rest.return?.();
  }
}

function* plain(chunks: Iterable<Uint8Array>): Generator<Uint8Array, undefined, void> {
  yield* chunks;
}

/** Collects accesses with pages numbered as they come, and renumbers them at the end. */
class TraceBuilder implements AccessSink {
  readonly #numbers = new PageNumbers();
  readonly #chunks: Uint32Array[] = [];
  #chunk = new Uint32Array(CHUNK);
  #inChunk = 0;
  #writes = 0;

  access(page: number, isWrite: boolean): void {
    if (this.#inChunk === CHUNK) this.#endChunk();
    const write = isWrite ? 1 : 0;
    this.#chunk[this.#inChunk++] = this.#numbers.numberOf(page) * 2 + write;
    this.#writes += write;
  }

  problem(lines: number): TraceProblem | undefined {
    if (this.#numbers.count <= PAGES_MAX) return undefined;
    return { at: { line: lines }, found: "one page too many", expected: `at most ${PAGES_MAX} pages` };
  }

  finish(): DecodedTrace | TraceProblem {
    const pages = this.#numbers.sorted();
    if (pages.length === 0) return { at: { line: 1 }, found: "no access", expected: "a trace with accesses" };
    const accesses = this.#chunks.length * CHUNK + this.#inChunk;
    this.#chunks.push(this.#chunk.slice(0, this.#inChunk));
    const rank = new Uint32Array(pages.length);
    for (const [index, page] of pages.entries()) rank[this.#numbers.numberOf(page)] = index;
    for (const chunk of this.#chunks) renumber(chunk, rank);
    return {
      pages: pages.length,
      accesses,
      writes: this.#writes,
      chunks: this.#chunks,
      regions: regionsOf(pages),
    };
  }

  #endChunk(): void {
    this.#chunks.push(this.#chunk);
    this.#chunk = new Uint32Array(CHUNK);
    this.#inChunk = 0;
  }
}

function renumber(chunk: Uint32Array, rank: Uint32Array): void {
  for (let index = 0; index < chunk.length; index++) {
    const access = chunk[index]!;
    chunk[index] = rank[access >>> 1]! * 2 + (access & 1);
  }
}

function regionsOf(pages: Float64Array): readonly TraceRegion[] {
  const regions: TraceRegion[] = [];
  let firstPage = 0;
  for (let index = 1; index <= pages.length; index++) {
    if (index < pages.length && pages[index] === pages[index - 1]! + 1) continue;
    regions.push({ firstPage, pages: index - firstPage, address: bytesOf(pages[firstPage]!) });
    firstPage = index;
  }
  return regions;
}
