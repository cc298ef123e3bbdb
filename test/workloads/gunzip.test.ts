import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../workloads/traces/crc32.ts";
import { gunzip } from "../../workloads/traces/gunzip.ts";
import type { TraceProblem } from "../../workloads/traces/problem.ts";

/** Text that deflate packs with all kinds of blocks and distances. */
function text(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) {
    bytes[index] = 97 + (Math.imul(index >> 3, 0x9e3779b1) >>> 28) + (index % 7 === 0 ? index % 5 : 0);
  }
  return bytes;
}

function unpack(chunks: Iterable<Uint8Array>): { readonly bytes: Buffer; readonly problem?: TraceProblem } {
  const unpacked: Uint8Array[] = [];
  const generator = gunzip(chunks);
  let step = generator.next();
  for (; !step.done; step = generator.next()) unpacked.push(step.value);
  const bytes = Buffer.concat(unpacked);
  return step.value ? { bytes, problem: step.value } : { bytes };
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  const count = Math.ceil(bytes.length / size);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * size, (index + 1) * size));
}

const plain = text(50_000);
const packed = new Uint8Array(gzipSync(plain));
/** A header with extra field, name, comment and header checksum. */
const withLongHeader = Uint8Array.from([
  ...[0x1f, 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3],
  ...[5, 0, 1, 2, 3, 4, 5],
  ...Buffer.from("a name\0a comment\0"),
  ...[0, 0],
  ...packed.subarray(10),
]);

describe("gunzip", () => {
  it.each([1, 2, 7, 100, 4096, 1_000_000])("unpacks data that come in chunks of %d bytes", (size) => {
    const small = size < 7 ? packed.length / 4 : 0;
    const data = small ? new Uint8Array(gzipSync(plain.subarray(0, 3000))) : packed;
    const { bytes, problem } = unpack(pieces(data, size));
    expect(problem).toBeUndefined();
    expect(bytes.equals(small ? plain.subarray(0, 3000) : plain)).toBe(true);
  });

  it("unpacks chunks much larger than its pieces, stored blocks and nothing at all", () => {
    const noise = Uint8Array.from({ length: 300_000 }, (_, index) => Math.imul(index, 0x9e3779b1) >>> 24);
    for (const data of [noise, new Uint8Array(0), text(2_000_000)]) {
      for (const level of [0, 9]) {
        const { bytes, problem } = unpack([new Uint8Array(gzipSync(data, { level }))]);
        expect(problem).toBeUndefined();
        expect(bytes.equals(data)).toBe(true);
      }
    }
  });

  it.each([3, 1000, 1_000_000])(
    "unpacks members in a row and long headers, in chunks of %d bytes",
    (size) => {
      const members = Buffer.concat([gzipSync("one,"), gzipSync(""), withLongHeader, gzipSync("three")]);
      const { bytes, problem } = unpack(pieces(members, size));
      expect(problem).toBeUndefined();
      expect(bytes.equals(Buffer.concat([Buffer.from("one,"), plain, Buffer.from("three")]))).toBe(true);
    },
  );

  it("sees that data are cut off, wherever that is", () => {
    const ends = [2, 3, 9, 10, 11, 100, packed.length >> 1];
    for (let missing = 1; missing <= 12; missing++) ends.push(packed.length - missing);
    for (const end of ends) {
      const { problem } = unpack(pieces(packed.subarray(0, end), 512));
      expect(problem, `cut at ${end}`).toEqual({
        at: { byte: end },
        found: "the end of the file",
        expected: "more gzip data",
      });
    }
  });

  it("sees that a second member is cut off", () => {
    const two = Buffer.concat([gzipSync("one"), gzipSync("two")]);
    for (let end = gzipSync("one").length + 1; end < two.length; end++) {
      expect(unpack([two.subarray(0, end)]).problem, `cut at ${end}`).toBeDefined();
    }
  });

  // A few bits mean nothing: padding, or a distance to an equal place. Then nothing is lost either.
  it("sees any flipped bit behind the header that changes what is unpacked", () => {
    const bit = fc.integer({ min: 80, max: packed.length * 8 - 1 });
    fc.assert(
      fc.property(bit, fc.constantFrom(64, 5000, 1_000_000), (at, size) => {
        const damaged = packed.slice();
        damaged[at >> 3]! ^= 1 << (at & 7);
        const { bytes, problem } = unpack(pieces(damaged, size));
        expect(problem !== undefined || bytes.equals(plain)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it("finds a trailer wherever it lies in the bytes it remembers", () => {
    for (let beyond = 0; beyond <= 9; beyond++) {
      const overhead = gzipSync(new Uint8Array(131_000), { level: 0 }).length - 131_000;
      const data = text(131_072 - overhead + beyond);
      const whole = new Uint8Array(gzipSync(data, { level: 0 }));
      expect(whole.length).toBe(131_072 + beyond);
      expect(unpack(pieces(whole, 5000)).problem).toBeUndefined();
      expect(unpack([...pieces(whole, 5000), whole]).problem).toBeUndefined();
    }
  });

  it("says which of checksum and length is wrong, and where", () => {
    for (const [fromEnd, what] of [
      [8, "checksum"],
      [5, "checksum"],
      [4, "length"],
      [1, "length"],
    ] as const) {
      const damaged = packed.slice();
      damaged[packed.length - fromEnd]! ^= 0x80;
      const { problem } = unpack([damaged]);
      expect(problem?.found).toContain(`gzip ${what} `);
      expect(problem?.at).toEqual({ byte: packed.length - (what === "checksum" ? 8 : 4) });
    }
  });

  it("sees data that follow the last member", () => {
    expect(unpack([packed, Buffer.from("x")]).problem).toBeDefined();
    expect(unpack([packed, Buffer.from("more than a few bytes")]).problem).toBeDefined();
  });
});

describe("crc32", () => {
  it("has the check value of RFC 1952's polynomial", () => {
    expect(crc32(0, Buffer.from("123456789"))).toBe(0xcbf43926);
    expect(crc32(crc32(0, Buffer.from("1234")), Buffer.from("56789"))).toBe(0xcbf43926);
    expect(crc32(0, new Uint8Array(0))).toBe(0);
  });
});
