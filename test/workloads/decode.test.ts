import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type DecodedTrace,
  decodeTrace,
  isTraceProblem,
  recordedTraces,
  type TraceProblem,
  TraceSource,
} from "../../workloads/index.ts";
import { bytesOf, cut, inWords, take } from "./helpers.ts";

function decoded(...chunks: Uint8Array[]): DecodedTrace {
  const trace = decodeTrace(chunks);
  if (isTraceProblem(trace)) throw new Error(`${trace.found} where ${trace.expected} was expected`);
  return trace;
}

function refused(...chunks: Uint8Array[]): TraceProblem {
  const problem = decodeTrace(chunks);
  if (!isTraceProblem(problem)) throw new Error("the trace was accepted");
  return problem;
}

const accessesOf = (trace: DecodedTrace, batchSizes?: readonly number[]): number[] =>
  take(new TraceSource(trace), Number.POSITIVE_INFINITY, batchSizes);

const program = bytesOf(
  "==9== start\n S 7000,8\nI  2000,3\n L 3ffe,4\n M 7008,8\n L 1fff000000,8\nI  2003,2\n==9== end\n",
);

describe("a decoded trace", () => {
  it("has dense pages in ascending order of address, and the regions they come from", () => {
    const trace = decoded(program);
    expect(inWords(accessesOf(trace))).toBe("3* 0 1 2 3* 4 0");
    expect(trace).toMatchObject({ pages: 5, accesses: 7, writes: 2 });
    expect(trace.regions).toEqual([
      { firstPage: 0, pages: 3, address: 0x2000 },
      { firstPage: 3, pages: 1, address: 0x7000 },
      { firstPage: 4, pages: 1, address: 0x1fff000000 },
    ]);
  });

  it("keeps pages apart whose numbers agree in 32 bits, and any number of pages", () => {
    const apart = decoded(bytesOf(" L 1000,1\n L 1000000000001000,1\n S 1000,1\n"));
    expect(inWords(accessesOf(apart))).toBe("0 1 0*");
    const lines = Array.from(
      { length: 20_000 },
      (_, page) => ` L ${((20_000 - page) * 8192).toString(16)},1\n`,
    );
    const many = decoded(bytesOf(lines.join("").repeat(2)));
    const descending = Array.from({ length: 20_000 }, (_, page) => (19_999 - page) * 2);
    expect(accessesOf(many)).toEqual([...descending, ...descending]);
    expect(many.regions).toHaveLength(20_000);
  });

  it("is the same from text and gzip, in chunks cut anywhere", () => {
    const expected = decoded(program);
    const places = fc.array(fc.nat(1000), { maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(program, new Uint8Array(gzipSync(program))), places, (bytes, cuts) => {
        expect(decoded(...cut(bytes, cuts))).toEqual(expected);
      }),
    );
  });

  it("can be read any number of times, in batches of any size", () => {
    const lines = Array.from(
      { length: 70_000 },
      (_, index) => ` S ${((index * 7) % 1000).toString(16)}000,1`,
    );
    const trace = decoded(bytesOf(lines.join("\n")));
    const accesses = accessesOf(trace);
    expect(accesses).toHaveLength(70_000);
    expect(accessesOf(trace, [65_536])).toEqual(accesses);
    expect(accessesOf(trace, [1000, 3, 4096])).toEqual(accesses);
    expect(accessesOf(trace, [70_000])).toEqual(accesses);
  });
});

describe("a trace is refused", () => {
  it.each<[string, string, TraceProblem["at"], string]>([
    ["that is empty", "", { line: 1 }, "no access"],
    ["without accesses", "==1== nothing\n\n", { line: 1 }, "no access"],
    ["with an unknown line", "==1==\n L 1000,8\nfoo\n", { line: 3 }, '"foo"'],
    ["whose last line is cut off", " L 1000,8\n L 20", { line: 2 }, '" L 20"'],
    ["that is no text", "\u007fELF\u0002\u0001\u0001\u0000", { line: 1 }, "neither gzip data nor text"],
    ["of one byte", "x", { line: 1 }, '"x"'],
  ])("%s", (_, text, at, found) => {
    expect(refused(bytesOf(text))).toMatchObject({ at, found });
    expect(refused(...Array.from(bytesOf(text), (byte) => Uint8Array.of(byte)))).toMatchObject({ at, found });
    expect(refused(gzipSync(text))).toMatchObject({ at, found });
  });

  it("because of damage to its gzip file rather than of the strange line that this makes", () => {
    const text = gzipSync(`foo\n${" L 2000,8\n".repeat(20_000)}`, { level: 0 });
    expect(refused(text).found).toBe('"foo"');
    expect(refused(text.subarray(0, text.length - 3)).found).toBe("the end of the file");
    text[text.length - 8]! ^= 1;
    expect(refused(text).found).toContain("gzip checksum");
  });

  it("without leaving its file open", () => {
    let closed = 0;
    function* file(...chunks: Uint8Array[]): Generator<Uint8Array> {
      try {
        yield* chunks;
      } finally {
        closed++;
      }
    }
    decodeTrace(file(bytesOf("foo\nbar\n"), bytesOf(" L 1000,8\n")));
    decodeTrace(file(Uint8Array.of(0x1f, 0x8b, 9, 9), gzipSync("x")));
    decodeTrace(file(program));
    expect(closed).toBe(3);
  });
});

describe("the recorded programs", () => {
  it.each(recordedTraces.map((recorded) => ({ ...recorded })))("$name is what the table says", (recorded) => {
    const file = readFileSync(new URL(`../../workloads/traces/recorded/${recorded.file}`, import.meta.url));
    const { accesses, pages, writes } = decoded(file);
    expect({ accesses, pages, writes }).toEqual({
      accesses: recorded.lines,
      pages: recorded.pages,
      writes: recorded.stores,
    });
    expect(recorded.cpu).toBe(Math.round(recorded.recorded / recorded.lines));
  });
});
