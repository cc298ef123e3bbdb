import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readReplayLine, writeReplayLine } from "../../../src/explore/index.ts";
import { readChoices, writeChoices } from "../../../src/explore/replay-line.ts";

describe("a replay line", () => {
  it("holds all that a run repeats from, whatever its names", () => {
    const name = fc.stringMatching(/^[\w /-]{1,12}$/);
    fc.assert(
      fc.property(
        name,
        name,
        fc.array(
          name.filter((one) => !one.includes(",")),
          { maxLength: 3 },
        ),
        fc.array(fc.nat(30), { maxLength: 50 }),
        (scenario, strategy, without, choices) => {
          const identity = {
            scenario,
            hash: "0123abcd",
            strategy,
            toggles: { on: ["noNocowWriters"], off: ["dropDirtyBit"], broken: true },
            without,
            choices,
          };
          const line = writeReplayLine(identity);
          expect(line).not.toMatch(/\s/);
          const read = readReplayLine(line);
          expect(read).toMatchObject({ ...identity, choices: expect.anything() });
          expect(writeChoices(read!.choices)).toBe(writeChoices(choices));
        },
      ),
    );
  });

  it("counts runs of first possibilities and forgets those at the end", () => {
    expect(writeChoices([0, 0, 0, 2, 1, 0, 3, 0, 0])).toBe("3z.2.1.1z.3");
    expect(readChoices("3z.2.1.1z.3")).toEqual([0, 0, 0, 2, 1, 0, 3]);
  });

  it.each(["", "ps1:a:b", "ps2:a:b:c:d:e:f", "ps1:%:b:c:::1", "ps1:a:b:c:::x", "ps1:a:b:c:::1..2"])(
    "that is cut or changed is none: %s",
    (line) => {
      expect(readReplayLine(line)).toBeUndefined();
    },
  );
});
