import { Gunzip } from "fflate";
import { crc32 } from "./crc32.ts";
import type { TraceProblem } from "./problem.ts";

/** Compressed bytes that are unpacked at once, so that memory stays small however large the chunks are. */
const PIECE = 32 * 1024;
/** Compressed bytes that are remembered to find a member's trailer again; longer headers than this are refused. */
const RECENT = 4 * PIECE;
const TRAILER = 8;
/** An empty gzip header: magic, deflate, no flags, no time, unknown system. */
const EMPTY_HEADER = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255);

/** Whether data begins as gzip does. */
export function looksGzipped(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

/**
 * Unpacks gzip data (RFC 1952, also several members in a row) that comes in chunks cut anywhere, and returns what is
 * wrong with it, if anything. Damage may only show at the end, so nothing can be relied on before.
 */
export function* gunzip(chunks: Iterable<Uint8Array>): Generator<Uint8Array, TraceProblem | undefined, void> {
  const members = new Members();
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += PIECE) {
      const problem = members.push(chunk.subarray(start, start + PIECE));
      if (problem) return problem;
      yield* members.takeUnpacked();
    }
  }
  return members.end();
}

/** The members of one gzip file. fflate unpacks them; checksum, length and end are checked here, as it does not. */
class Members {
  readonly #gunzip: Gunzip;
  readonly #recent = new Uint8Array(RECENT);
  #unpacked: Uint8Array[] = [];
  #received = 0;
  /** Of the present member: checksum and length of what was unpacked. */
  #crc = 0;
  #length = 0;
  /** Where the last complete member ends. */
  #complete = 0;
  #problem: TraceProblem | undefined;

  constructor() {
    this.#gunzip = new Gunzip((bytes) => this.#take(bytes));
    this.#gunzip.onmember = (offset) => this.#endMember(offset);
  }

  push(piece: Uint8Array): TraceProblem | undefined {
    const from = this.#received;
    const at = from % RECENT;
    this.#recent.set(piece.subarray(0, RECENT - at), at);
    this.#recent.set(piece.subarray(RECENT - at), 0);
    this.#received += piece.length;
    if (!this.#unpack(piece)) {
      this.#problem ??= { at: { byte: from }, found: "damaged gzip data", expected: "an intact file" };
    }
    return this.#problem;
  }

  takeUnpacked(): readonly Uint8Array[] {
    const unpacked = this.#unpacked;
    this.#unpacked = [];
    return unpacked;
  }

  /**
   * Only the header of a further member makes fflate say where the one before ended. So an empty header follows the
   * data, and unless it is recognised just there, the data were cut off.
   */
  end(): TraceProblem | undefined {
    const isComplete = this.#unpack(EMPTY_HEADER) && this.#complete === this.#received;
    if (this.#problem || isComplete) return this.#problem;
    return { at: { byte: this.#received }, found: "the end of the file", expected: "more gzip data" };
  }

  /** False if fflate finds the data damaged; its exceptions end here. */
  #unpack(piece: Uint8Array): boolean {
    try {
      this.#gunzip.push(piece, false);
      return true;
    } catch {
      return false;
    }
  }

  #take(bytes: Uint8Array): void {
    this.#crc = crc32(this.#crc, bytes);
    this.#length += bytes.length;
    if (bytes.length > 0) this.#unpacked.push(bytes);
  }

  /** A member ends `offset` bytes after the begin of the file; its trailer holds checksum and length modulo 2^32. */
  #endMember(offset: number): void {
    const start = offset - TRAILER;
    this.#complete = offset;
    if (start < this.#received - RECENT) {
      this.#problem ??= {
        at: { byte: start },
        found: "a gzip header over 64 KiB",
        expected: "a shorter one",
      };
    }
    this.#verify(start, "checksum", this.#crc, this.#word(start));
    this.#verify(start + 4, "length", this.#length % 0x1_0000_0000, this.#word(start + 4));
    this.#crc = 0;
    this.#length = 0;
  }

  #verify(byte: number, what: string, unpacked: number, promised: number): void {
    if (unpacked === promised) return;
    this.#problem ??= { at: { byte }, found: `gzip ${what} ${unpacked}`, expected: `${what} ${promised}` };
  }

  /** A little-endian number of four bytes that was received not long ago. */
  #word(offset: number): number {
    let word = 0;
    for (let byte = 3; byte >= 0; byte--) word = word * 256 + this.#recent[(offset + byte) % RECENT]!;
    return word;
  }
}
