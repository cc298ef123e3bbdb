import { describe, expect, it } from "vitest";
import { Process } from "../../sim/engine/process.ts";
import { Past } from "../../sim/explore/past.ts";

/** Processes a, b and c that come to wait for something, or go on, in the order of the words: "a:lock b:lock a". */
function stateAfter(text: string): number {
  const past = new Past(undefined, () => 0);
  const things = new Map<string, object>();
  const processes = new Map<string, Process>();
  for (const word of text.split(" ")) {
    const [name = "", thing] = word.split(":");
    const role = name.charCodeAt(0);
    const process = processes.get(name) ?? new Process(role, name, (function* () {})(), {});
    processes.set(name, process);
    if (thing !== undefined && !things.has(thing)) things.set(thing, {});
    process.state = thing === undefined ? "runnable" : "parked";
    process.waitsFor = thing === undefined ? undefined : things.get(thing);
    past.add({ process, role, accesses: new Map(), chose: [] });
  }
  return past.state([]);
}

describe("the number of a state", () => {
  it("tells in which order processes wait for one thing", () => {
    expect(stateAfter("a:lock b:lock")).not.toBe(stateAfter("b:lock a:lock"));
    expect(stateAfter("a:lock b:lock c:lock")).not.toBe(stateAfter("a:lock c:lock b:lock"));
  });

  it("does not tell in which order they came to wait for different things", () => {
    expect(stateAfter("a:lock b:page")).toBe(stateAfter("b:page a:lock"));
  });

  it("forgets who went on before the other came", () => {
    expect(stateAfter("a:lock a b:lock")).toBe(stateAfter("b:lock a:page a"));
  });
});
