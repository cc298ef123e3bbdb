import * as Plot from "@observablehq/plot";
import type { PhaseEntry } from "../../validate/index.ts";
import { type Chart, COLOURS } from "./chart.ts";

/** Below this nothing happened, and the point is left out. */
const LEAST = 100;

interface Dot {
  readonly simulated: number;
  readonly measured: number;
  readonly group: string;
  readonly name: string;
}

/** A counter, simulated against measured: on the line they agree. */
export function agreementChart(rows: readonly PhaseEntry[], counter: string, words: string): Chart {
  const dots = rows.flatMap((row) => dotOf(row, counter) ?? []);
  const groups = [...new Set(dots.map(({ group }) => group))];
  const values = dots.flatMap(({ simulated, measured }) => [simulated, measured]);
  const domain = [Math.min(LEAST, ...values), Math.max(10 * LEAST, ...values)];
  return {
    title: `${counter}: ${words}, one dot for each phase of each row`,
    see: "On the line both machines counted the same; the dashed lines are 6 % above and below. Dots below it: the simulator counted too few.",
    draw: (width) =>
      Plot.plot({
        width,
        height: Math.min(460, Math.max(260, width * 0.5)),
        marginLeft: 64,
        marginBottom: 40,
        style: { background: "transparent", fontSize: "12px" },
        color: { domain: groups, range: COLOURS, legend: true },
        x: { type: "log", label: `measured ${counter}`, domain, grid: true },
        y: { type: "log", label: `simulated ${counter}`, domain, grid: true },
        marks: [
          Plot.line(
            domain.map((value) => [value, value]),
            { strokeOpacity: 0.6 },
          ),
          ...[0.94, 1.06].map((factor) =>
            Plot.line(
              domain.map((value) => [value, value * factor]),
              { strokeOpacity: 0.4, strokeDasharray: "3,3", clip: true },
            ),
          ),
          Plot.dot(dots, {
            x: "measured",
            y: "simulated",
            stroke: "group",
            r: 3,
            title: ({ name, simulated, measured }: Dot) => `${name}: ${simulated} against ${measured}`,
          }),
        ],
      }),
  };
}

function dotOf(row: PhaseEntry, counter: string): Dot | undefined {
  if (!("simulated" in row) || !row.measured) return undefined;
  const simulated = row.simulated[counter] ?? 0;
  const measured = row.measured[counter] ?? 0;
  if (Math.min(simulated, measured) < 1 || Math.max(simulated, measured) < LEAST) return undefined;
  return { simulated, measured, group: row.group, name: `${row.id}/${row.phase}` };
}
