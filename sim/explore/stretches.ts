import type { BlockNumber, Pages } from "../engine/index.ts";
import type { Machine } from "../machine.ts";
import { LETTERS } from "../recorder.ts";

/** Blocks of a device that always have one owner together: no step draws a border through them. */
export interface Stretch {
  readonly device: string;
  readonly block: BlockNumber;
  readonly count: Pages;
}

/** What blocks can be: a letter of the disk map, and the path of the file if they belong to one. */
export interface Holding {
  readonly cell: string;
  readonly path?: string;
}

/** The devices of the filesystem over a whole run, cut finely enough for every moment and no finer. */
export interface DiskFilm {
  readonly stretches: readonly Stretch[];
  readonly holdings: readonly Holding[];
  /**
   * By moment: pairs of a stretch and what holds it from then on, and pairs of a stretch that swap would write to and
   * the names of all who refer to it; null: swap does not write there any more.
   */
  readonly moments: readonly {
    readonly held?: readonly (readonly [stretch: number, holding: number])[];
    readonly swap?: readonly (readonly [stretch: number, writesTo: string | null])[];
  }[];
}

interface Run<Value> {
  readonly block: BlockNumber;
  readonly count: Pages;
  readonly value: Value;
}

/** One device at one moment: who has what, and where the swap code would write to. */
interface Look {
  readonly held: readonly Run<number>[];
  readonly swap: readonly Run<string>[];
}

/** Looks at the devices again and again, and in the end cuts them along every border that it has seen. */
export class DiskWatch {
  readonly #looks: ReadonlyMap<string, Look>[] = [];
  readonly #holdings: Holding[] = [];
  readonly #indexes = new Map<string, number>();

  look(machine: Machine): void {
    const look = new Map<string, Look>();
    const slots = targetsOfSwap(machine);
    for (const name of machine.scenario.filesystem?.devices ?? []) {
      look.set(name, { held: this.#heldOn(machine, name), swap: runsOf(slots.get(name) ?? new Map()) });
    }
    this.#looks.push(look);
  }

  develop(): DiskFilm {
    const devices = [...(this.#looks[0]?.keys() ?? [])];
    const stretches = devices.flatMap((device) => this.#cut(device));
    let before: { held: readonly number[]; swap: readonly (string | null)[] } = { held: [], swap: [] };
    const moments = this.#looks.map((look) => {
      const held = valuesAt(stretches, look, ({ held }) => held).map((value) => value ?? -1);
      const swap = valuesAt(stretches, look, ({ swap }) => swap).map((value) => value ?? null);
      const moment = {
        ...pairs("held", held, before.held, -1),
        ...pairs("swap", swap, before.swap, null),
      };
      before = { held, swap };
      return moment;
    });
    return { stretches, holdings: this.#holdings, moments };
  }

  #heldOn(machine: Machine, name: string): readonly Run<number>[] {
    const { filesystem, scenario, owners } = machine;
    const listed = scenario.swap.flatMap(({ target }) => (target.kind === "file" ? [target.path] : []));
    const swapFiles = new Set([...listed, ...machine.swap.areas.map((area) => area.name)]);
    const runs: Run<number>[] = [];
    for (const { block, count, kind, owner } of filesystem?.regions(machine.device(name)) ?? []) {
      const path = kind === "data" && owner !== undefined ? owners.get(owner).name : undefined;
      const cell = LETTERS[path !== undefined && swapFiles.has(path) ? "swap" : kind];
      push(runs, { block, count, value: this.#indexOf(path === undefined ? { cell } : { cell, path }) });
    }
    return runs;
  }

  #indexOf(holding: Holding): number {
    const key = `${holding.cell}${holding.path ?? ""}`;
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.#holdings.push(holding) - 1;
      this.#indexes.set(key, index);
    }
    return index;
  }

  #cut(device: string): readonly Stretch[] {
    const borders = new Set<BlockNumber>();
    for (const look of this.#looks) {
      const { held, swap } = look.get(device)!;
      for (const { block, count } of [...held, ...swap]) borders.add(block).add(block + count);
    }
    const sorted = [...borders].sort((a, b) => a - b);
    return sorted.slice(0, -1).map((block, at) => ({ device, block, count: sorted[at + 1]! - block }));
  }
}

/** By device, the blocks that the swap code would write slots to right now, and all who refer to them. */
function targetsOfSwap({
  swap,
  filesystem,
  owners,
}: Machine): ReadonlyMap<string, ReadonlyMap<BlockNumber, string>> {
  const devices = new Map<string, Map<BlockNumber, string>>();
  for (const area of swap.areas) {
    // Slot 0 is the header.
    for (let slot = 1; slot < area.slots; slot++) {
      const place = area.transport.placeOf(slot);
      if (!place) continue;
      const holders = (filesystem?.holdersOf(place) ?? []).toSorted((a, b) => a.owner - b.owner);
      const names = holders.map(({ owner }) => owners.get(owner).name);
      const targets = devices.get(place.device.name) ?? new Map<BlockNumber, string>();
      devices.set(place.device.name, targets.set(place.block, [...new Set(names)].join(", ")));
    }
  }
  return devices;
}

function runsOf(targets: ReadonlyMap<BlockNumber, string>): readonly Run<string>[] {
  const runs: Run<string>[] = [];
  for (const [block, value] of [...targets].sort(([a], [b]) => a - b)) push(runs, { block, count: 1, value });
  return runs;
}

/** Appends, and joins neighbours of one value. */
function push<Value>(runs: Run<Value>[], run: Run<Value>): void {
  const last = runs.at(-1);
  if (last && last.value === run.value && last.block + last.count === run.block)
    runs[runs.length - 1] = { ...last, count: last.count + run.count };
  else runs.push(run);
}

/** The value of each stretch at one moment; undefined where there is none. */
function valuesAt<Value>(
  stretches: readonly Stretch[],
  look: ReadonlyMap<string, Look>,
  pick: (look: Look) => readonly Run<Value>[],
): readonly (Value | undefined)[] {
  let device = "";
  let runs: readonly Run<Value>[] = [];
  let at = 0;
  return stretches.map((stretch) => {
    if (stretch.device !== device) {
      device = stretch.device;
      runs = pick(look.get(device)!);
      at = 0;
    }
    while (at < runs.length && runs[at]!.block + runs[at]!.count <= stretch.block) at++;
    const run = runs[at];
    return run && run.block <= stretch.block ? run.value : undefined;
  });
}

/** What differs from before, under a name; nothing if nothing does. */
function pairs<Name extends string, Value>(
  name: Name,
  now: readonly Value[],
  before: readonly Value[],
  none: Value,
): { readonly [key in Name]?: readonly (readonly [number, Value])[] } {
  const changed = now.flatMap((value, at): (readonly [number, Value])[] =>
    value === (before[at] ?? none) ? [] : [[at, value]],
  );
  return changed.length > 0 ? ({ [name]: changed } as { [key in Name]: typeof changed }) : {};
}
