import type { StrategyResult, Verdict } from "../../../sim/index.ts";
import {
  type CliPorts,
  type CommandResult,
  runCommandLine,
  type ShippedScenario,
} from "../../../src/cli/index.ts";
import { namedPaths } from "../../../src/node/named-paths.ts";
import { fakeCatalogue, fakeResult, fakeTraces, GOOD_SCENARIO } from "../fakes.ts";

const SHIPPED: readonly ShippedScenario[] = [
  {
    name: "disk-full",
    text: "# yaml-language-server: $schema=x.json\n#\n# Whose situation: an SRE\n# of yours.\n#\n# More.\nname: disk full\n",
  },
  { name: "quiet", text: "# Whose situation: nobody's.\nname: quiet\n" },
];

/** A command line whose world has one file, s.yaml, and whose variants come out as given (else as expected). */
export async function pagestorm(
  line: string,
  world: Partial<World> = {},
): Promise<CommandResult & { closed: number }> {
  const { text = GOOD_SCENARIO, verdicts = {}, fail, ports = {} } = world;
  let closed = 0;
  const simulated: CliPorts = {
    catalogue: fakeCatalogue,
    readText: (path) => (path === "s.yaml" ? { text } : { problem: "there is no such file" }),
    readData: () => ({ problem: "there is no such file" }),
    traceReader: () => fakeTraces,
    paths: namedPaths,
    placeOf: (path) => path.replace(/^\.\//, ""),
    whyNotWritable: (path) => (path.startsWith("/nowhere/") ? "there is no such directory" : undefined),
    exists: (path) => path === "taken.yaml",
    shipped: {
      bugs: () => "bugs",
      conformance: () => "suite",
      scenarios: () => SHIPPED,
      starter: () => "# All about it.\nname: starter\nseed: 1\n",
    },
    openRunner: () => ({
      run: (_scenario, { name }) => (fail ? Promise.reject(fail) : Promise.resolve(outcome(name, verdicts))),
      close: () => {
        closed++;
      },
    }),
    openRowRunner: () => ({ run: () => Promise.reject(new Error("no row is run")), close() {} }),
    openExploreRunner: () => ({
      run: () => Promise.reject(new Error("nothing is explored")),
      enumerate: () => Promise.reject(new Error("nothing is explored")),
      close() {},
    }),
    openCaseRunner: () => ({ run: () => Promise.reject(new Error("no case is run")), close() {} }),
    openBugRunner: () => ({ run: () => Promise.reject(new Error("no bug is run")), close() {} }),
    yamlFiles: () => ({ problem: "there is no such file or directory" }),
    textFiles: () => ({ problem: "there is no such file or directory" }),
    reportAssets: () => ({ script: "draw()", style: "p{}" }),
    now: () => 0,
    colour: true,
    columns: 100,
    ...ports,
  };
  return { ...(await runCommandLine(line.split(" ").filter(Boolean), simulated)), closed };
}

/** What a test changes of the world. */
export interface World {
  readonly text: string;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly fail: Error;
  readonly ports: Partial<CliPorts>;
}

function outcome(name: string, verdicts: Readonly<Record<string, Verdict>>): StrategyResult {
  const step = { do: "", at: 0, endedAt: 0, achieved: "", skipped: [], log: [] };
  const answer = name === "pinned" ? "ETXTBSY" : "ok";
  const operations = [
    { ...step, id: "defrag", result: answer },
    { ...step, id: "defrag-2", result: "ok" },
  ];
  return fakeResult(name, {
    verdict: verdicts[name] ?? (name === "bmap" ? "corrupt" : "correct"),
    operations,
  });
}
