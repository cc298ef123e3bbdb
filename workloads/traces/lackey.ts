import { PAGE_SIZE } from "../../sim/engine/index.ts";
import type { TraceProblem } from "./problem.ts";

/** Where the accesses of a parsed trace go. */
export interface AccessSink {
  /** `page` is the number of a 4 KiB page of the address space, below 2^52. */
  access(page: number, isWrite: boolean): void;
}

/** Bytes of a line that was cut by the end of a chunk which are kept; a line with an access has at most 25. */
const KEPT = 256;
/** Bytes of an unknown line that are shown. */
const SHOWN = 40;
/** Bytes that one access can touch at most, which is more than any instruction does. */
const SIZE_MAX = PAGE_SIZE;
const ADDRESS_DIGITS_MAX = 16;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const [I, L, M, S] = [0x49, 0x4c, 0x4d, 0x53];

/** Values of hexadecimal digits by character; -1 for all others. */
const digitValue: Int8Array = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  const text = digit.toString(16);
  digitValue[text.charCodeAt(0)] = digit;
  digitValue[text.toUpperCase().charCodeAt(0)] = digit;
}

const EXPECTED = 'a line of valgrind lackey, as "I  401a000,3" or " S 1fff000000,8"';

/**
 * Parses the output of `valgrind --tool=lackey --trace-mem=yes`, in chunks cut anywhere and in constant memory.
 *
 * A line is `I  ADDRESS,SIZE` (an instruction is fetched), ` L ADDRESS,SIZE` (load), ` S ADDRESS,SIZE` (store) or
 * ` M ADDRESS,SIZE` (load and store of the same place: one access that writes), the address in hexadecimal, the size in
 * decimal. An access that crosses a page border touches both pages. Valgrind's own lines (`==1234== ...`) and blank
 * lines mean nothing, nor does a carriage return before the newline.
 */
export class LackeyParser {
  readonly #sink: AccessSink;
  /** The beginning of a line whose end has not come yet. */
  readonly #kept = new Uint8Array(KEPT);
  #keptLength = 0;
  #lines = 0;
  #problem: TraceProblem | undefined;

  constructor(sink: AccessSink) {
    this.#sink = sink;
  }

  /** Lines parsed so far. */
  get lines(): number {
    return this.#lines;
  }

  /** Parses what is complete. After a problem, which stays, nothing more is parsed. */
  push(chunk: Uint8Array): TraceProblem | undefined {
    let start = this.#keptLength > 0 ? this.#endKeptLine(chunk) : 0;
    while (start < chunk.length && this.#problem === undefined) {
      let end = start;
      while (end < chunk.length && chunk[end] !== NEWLINE) end++;
      if (end === chunk.length) this.#keep(chunk, start, end);
      else this.#parseLine(chunk, start, end);
      start = end + 1;
    }
    return this.#problem;
  }

  /** Parses the last line if no newline ends it. */
  end(): TraceProblem | undefined {
    if (this.#keptLength > 0 && this.#problem === undefined) this.#parseKept();
    return this.#problem;
  }

  /** Returns where the next line begins. */
  #endKeptLine(chunk: Uint8Array): number {
    const newline = chunk.indexOf(NEWLINE);
    this.#keep(chunk, 0, newline < 0 ? chunk.length : newline);
    if (newline < 0) return chunk.length;
    if (this.#problem === undefined) this.#parseKept();
    return newline + 1;
  }

  /** What exceeds the space is dropped: so long a line is no access anyway. */
  #keep(chunk: Uint8Array, start: number, end: number): void {
    const part = chunk.subarray(start, Math.min(end, start + KEPT - this.#keptLength));
    this.#kept.set(part, this.#keptLength);
    this.#keptLength += part.length;
  }

  #parseKept(): void {
    this.#parseLine(this.#kept, 0, this.#keptLength);
    this.#keptLength = 0;
  }

  #parseLine(bytes: Uint8Array, start: number, newline: number): void {
    const end = newline > start && bytes[newline - 1] === RETURN ? newline - 1 : newline;
    this.#lines++;
    if (end === start || this.#parseAccess(bytes, start, end)) return;
    if (bytes[start] === EQUALS && bytes[start + 1] === EQUALS) return;
    this.#problem = { at: { line: this.#lines }, found: shown(bytes, start, end), expected: EXPECTED };
  }

  /** False if the line is no access. */
  #parseAccess(bytes: Uint8Array, start: number, end: number): boolean {
    const first = bytes[start]!;
    const second = bytes[start + 1]!;
    const isFetch = first === I && second === SPACE;
    const isWrite = second === S || second === M;
    if (!isFetch && !(first === SPACE && (isWrite || second === L))) return false;
    if (bytes[start + 2] !== SPACE) return false;

    // The last three digits are the offset in the page; what they push out makes the page number.
    let page = 0;
    let offset = 0;
    let index = start + 3;
    for (; index < end; index++) {
      const digit = digitValue[bytes[index]!]!;
      if (digit < 0) break;
      page = page * 16 + (offset >> 8);
      offset = ((offset & 0xff) << 4) | digit;
    }
    const digits = index - start - 3;
    if (digits === 0 || digits > ADDRESS_DIGITS_MAX || bytes[index] !== COMMA) return false;
    const size = parseSize(bytes, index + 1, end);
    if (size === 0) return false;

    this.#sink.access(page, isWrite);
    if (offset + size > PAGE_SIZE) this.#sink.access(page + 1, isWrite);
    return true;
  }
}

/** A decimal number from 1 to SIZE_MAX that fills the range; 0 if it is none. */
function parseSize(bytes: Uint8Array, start: number, end: number): number {
  let size = 0;
  for (let index = start; index < end; index++) {
    const digit = bytes[index]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) return 0;
    size = size * 10 + digit;
    if (size > SIZE_MAX) return 0;
  }
  return size;
}

/** An unknown line for people: its beginning, or that it is no text at all. */
function shown(bytes: Uint8Array, start: number, end: number): string {
  const line = bytes.subarray(start, Math.min(end, start + SHOWN));
  if (line.some((byte) => byte < SPACE && byte !== 0x09)) return "neither gzip data nor text";
  const text = Array.from(line, (byte) => (byte < 0x7f ? String.fromCharCode(byte) : "?")).join("");
  return `"${text}${end - start > SHOWN ? " ..." : ""}"`;
}
