import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LackeyParser } from "../../workloads/traces/lackey.ts";
import type { TraceProblem } from "../../workloads/traces/problem.ts";
import { bytesOf, cut } from "./helpers.ts";

/** What a text means: the pages in hexadecimal, a star after those that write; or the problem. */
function parse(chunks: readonly Uint8Array[]): string | TraceProblem {
  const accesses: string[] = [];
  const parser = new LackeyParser({
    access: (page, isWrite) => accesses.push(page.toString(16) + (isWrite ? "*" : "")),
  });
  for (const chunk of chunks) parser.push(chunk);
  return parser.end() ?? accesses.join(" ");
}

const parseText = (text: string): string | TraceProblem => parse([bytesOf(text)]);

describe("a line of lackey", () => {
  it.each([
    ["I  401a000,3", "401a"],
    ["I  0401a123,15", "401a"],
    [" L 1fff000010,8", "1fff000"],
    [" S 1fff000010,8", "1fff000*"],
    [" M 1fff000010,8", "1fff000*"],
    [" L ABCdef012,1", "abcdef"],
    [" L 0,1", "0"],
    [" L fff,1", "0"],
    [" L 1000,1", "1"],
    [" L ffffffffff600000,1", "ffffffffff600"],
    ["==1234== Lackey, an example Valgrind tool", ""],
    ["==", ""],
    ["", ""],
  ])('"%s" touches pages "%s"', (line, pages) => {
    expect(parseText(line)).toBe(pages);
    expect(parseText(`${line}\n`)).toBe(pages);
    expect(parseText(`${line}\r\n`)).toBe(pages);
  });

  it.each([
    [" L 1ff8,8", "1"],
    [" L 1ff9,8", "1 2"],
    [" S 1ff9,8", "1* 2*"],
    [" M 1fff,2", "1* 2*"],
    ["I  1ffe,3", "1 2"],
    [" L 1000,4096", "1"],
    [" L 1001,4096", "1 2"],
  ])('"%s" touches both pages only if it crosses the border: "%s"', (line, pages) => {
    expect(parseText(line)).toBe(pages);
  });

  it.each([
    "hello",
    "I 401a000,3",
    "I   401a000,3",
    "IL 401a000,3",
    "IS 401a000,3",
    " I 401a000,3",
    "L  401a000,3",
    " X 401a000,3",
    " L401a000,3",
    " L 401a000",
    " L 401a000,",
    " L ,3",
    " L 401g000,3",
    " L 0x401a000,3",
    " L 401a000,3 ",
    " L 401a000,3,4",
    " L 401a000,-3",
    " L 401a000,0",
    " L 401a000,4097",
    " L 11112222333344445,1",
    "=1234= no",
    " ",
    " L",
    "I",
  ])('"%s" is unknown', (line) => {
    expect(parseText(`\n==1==\n L 1000,8\n${line}\n L 2000,8\n`)).toMatchObject({
      at: { line: 4 },
      found: `"${line}"`,
    });
  });

  it("that is unknown is shown shortened, and not at all if it is no text", () => {
    expect(parseText(`?${"x".repeat(500)}`)).toMatchObject({ found: `"?${"x".repeat(39)} ..."` });
    expect(parseText("caf\u00e9")).toMatchObject({ found: '"caf??"' });
    expect(parseText("\u0000\u0001 L 1000,8")).toMatchObject({ found: "neither gzip data nor text" });
  });
});

describe("a text cut anywhere", () => {
  const line = fc.oneof(
    {
      weight: 5,
      arbitrary: fc.constantFrom("I  401a000,3", " L 1fff000ffc,8", " S 5000,8", " M 6ffe,4", ""),
    },
    { weight: 1, arbitrary: fc.constantFrom("==77== summary", `==77== ${"long ".repeat(200)}`) },
    { weight: 1, arbitrary: fc.constantFrom("bad", " L zz,1", `bad ${"long ".repeat(200)}`, "\u0007") },
  );
  const text = fc
    .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([lines, newline, isEnded]) => lines.join(newline) + (isEnded ? newline : ""));

  it("means the same", () => {
    fc.assert(
      fc.property(text, fc.array(fc.nat(5000), { maxLength: 20 }), (whole, places) => {
        const bytes = bytesOf(whole);
        expect(parse(cut(bytes, places))).toEqual(parse([bytes]));
      }),
      { numRuns: 500 },
    );
  });

  it("means the same byte by byte", () => {
    const bytes = bytesOf("==1== x\nI  401a000,3\r\n\n L 1fff000ffc,8\n S 5000,8");
    expect(parse(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe("401a 1fff000 1fff001 5*");
  });
});
