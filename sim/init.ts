import { type Actor, type Instant, type Process, SimulationBug, sleep } from "./engine/index.ts";
import { cachedAccesses, onFilesystem } from "./file-reader.ts";
import { fileWriter, type WriterProgress } from "./file-writer.ts";
import type { Machine } from "./machine.ts";
import { type AddressSpace, type Between, dupMmap, exitThread, MemoryTask, scriptTask } from "./mm/index.ts";
import type { MemoryTaskSpec, ScriptTaskSpec, TaskSpec, WriterTaskSpec } from "./scenario.ts";
import { Timeline } from "./timeline.ts";

/** Somebody who looks at the machine from outside and lives on when its power fails. */
export interface Onlooker {
  readonly name: string;
  readonly actor: Actor;
}

/** What init does on a machine: it switches swap on, then lets everybody loose. */
export class Init {
  readonly timeline: Timeline;
  /** What the writers have done so far, by name. */
  readonly writers: Map<string, WriterProgress> = new Map();
  /** What swapon said when it failed; nobody is let loose then. */
  refusal: string | undefined;
  readonly #machine: Machine;

  constructor(machine: Machine) {
    this.#machine = machine;
    this.timeline = new Timeline(machine);
  }

  /** `beforeStart` is called when swap is on and nobody is loose yet. */
  *run(onlookers: readonly Onlooker[] = [], beforeStart?: () => void): Actor {
    this.refusal = yield* this.#machine.swapControl.boot();
    if (this.refusal !== undefined) return;
    beforeStart?.();
    for (const task of this.#machine.scenario.tasks) this.#startTask(task);
    this.#startTimeline(onlookers);
  }

  #startTask(task: TaskSpec): void {
    switch (task.kind) {
      case "memory":
        this.#startInMemory(task, task.open().pages, (space) => this.#memoryTask(task, space));
        return;
      case "script":
        this.#startInMemory(task, task.pages, (space) => scriptTask(this.#machine.mm, space, task.lines));
        return;
      case "writer":
        this.#startWriter(task);
    }
  }

  #startInMemory(
    spec: MemoryTaskSpec | ScriptTaskSpec,
    pages: number,
    run: (space: AddressSpace) => Actor,
  ): void {
    const space = this.#machine.createTask(spec.name, pages, spec);
    const born = spec.forkOf === undefined ? run(space) : this.#forked(spec.forkOf, space, run(space));
    this.#machine.engine.spawn(spec.name, spec.start > 0 ? later(spec.start, born) : born);
  }

  /** A task that begins with the memory of another one, if that is still there to fork it. */
  *#forked(parentName: string, space: AddressSpace, actor: Actor): Actor {
    const { mm } = this.#machine;
    const parent = mm.tasks.find(({ name }) => name === parentName);
    // A shrinker may have left the parent out.
    if (!parent || (yield* dupMmap(mm, parent, space))) {
      yield* actor;
      return;
    }
    this.#machine.logLine(`fork of ${parentName} failed: ${space.name} never began`);
    yield* exitThread(mm, space);
  }

  *#memoryTask(spec: MemoryTaskSpec, space: AddressSpace): Actor {
    const between = this.#fileReads(spec, space);
    yield* new MemoryTask(this.#machine.mm, space, {
      cpu: spec.cpu,
      init: spec.init,
      open: spec.open,
      repeat: spec.repeat,
      ...(between ? { between } : {}),
    }).run();
  }

  /** Pattern `file`: the next page of a data file after every so many accesses, round and round. */
  #fileReads({ fileReads }: MemoryTaskSpec, space: AddressSpace): Between | undefined {
    const fs = this.#machine.filesystem;
    const file = fileReads && fs?.lookup(fileReads.path);
    if (!fileReads || !fs || !file) return undefined;
    const pages = Math.min(fileReads.pages, file.size);
    const backing = onFilesystem(fs, file, fileReads.path);
    return cachedAccesses(this.#machine, space, backing, { ...fileReads, pages });
  }

  #startWriter(spec: WriterTaskSpec): void {
    const { engine, filesystem } = this.#machine;
    const file = filesystem?.lookup(spec.path);
    if (!filesystem || !file) throw new SimulationBug("a validated writer has its file");
    const progress: WriterProgress = { writes: 0, failures: 0 };
    this.writers.set(spec.name, progress);
    engine.spawn(spec.name, fileWriter(engine, filesystem, file, spec, progress), { inside: "filesystem" });
  }

  #startTimeline(onlookers: readonly Onlooker[]): void {
    const machine = this.#machine;
    const { engine, filesystem, swapControl } = machine;
    if (!filesystem) return;
    const outside: Process[] = [];
    this.timeline.start(engine, {
      engine,
      fs: filesystem,
      swap: swapControl,
      open: swapControl.open,
      device: (name) => machine.devices.get(name),
      log: (line) => machine.logLine(line),
      touch: (task) => machine.touch(task),
      interrupt: (id) => this.timeline.interrupt(id),
      losePower: () => machine.losePower(new Set([...outside, ...this.timeline.cutOff(engine.current)])),
    });
    for (const { name, actor } of onlookers) outside.push(engine.spawn(name, actor, { daemon: true }));
  }
}

function* later(start: Instant, actor: Actor): Actor {
  yield sleep("sleep until the start", start);
  yield* actor;
}
