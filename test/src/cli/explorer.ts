import { catalogue } from "../../../src/catalogue.ts";
import type { CommandResult, ExploreRunner } from "../../../src/cli/index.ts";
import { runEnumeration, runSearch } from "../../../src/explore/index.ts";
import { shipped } from "../../explore/support.ts";
import { pagestorm } from "./helpers.ts";

const clock = { now: () => 0 };

/** Explores in this thread, and a clock that stands still. */
const openExploreRunner = (): ExploreRunner => ({
  run: async (_id, job) => runSearch(job, catalogue, clock),
  enumerate: async (_id, job) => runEnumeration(job, catalogue, clock),
  close() {},
});

export const BASIC = shipped("basic");

/** A command line that explores, in a world with s.yaml and what else is given. */
export function explorer(
  line: string,
  text: string = BASIC,
  files: Readonly<Record<string, string>> = {},
): Promise<CommandResult> {
  const all: Readonly<Record<string, string>> = { "s.yaml": text, ...files };
  const readText = (path: string) => {
    const found = all[path];
    return found === undefined ? { problem: "there is no such file" } : { text: found };
  };
  return pagestorm(line, { ports: { catalogue, openExploreRunner, readText } });
}
