import { Plug } from "../../../sim/block/index.ts";
import { type Actor, MIB, WaitQueue } from "../../../sim/engine/index.ts";
import { SwapIo, type SwapTransport, strategies } from "../../../sim/swap/index.ts";
import { Interleaving, SteppingEngine } from "../../support/interleaving.ts";
import { BtrfsMachine } from "./btrfs-machine.ts";

type Options = NonNullable<ConstructorParameters<typeof BtrfsMachine>[0]>;

/** btrfs on which actors take turns, with swap files as the pinned strategy has them, but without memory management. */
export class BtrfsRaceMachine extends BtrfsMachine {
  readonly #faults: ReadonlySet<string>;
  readonly #areas = new Map<string, SwapTransport>();
  #generation = 5_000_000;

  constructor(options: Options = {}) {
    super({
      engine: new SteppingEngine({ seed: "race" }),
      size: 256 * MIB,
      mount: { metadata: "single" },
      ...options,
    });
    this.#faults = new Set(options.faults ?? []);
  }

  /** Plays a script; returns what each actor returned. */
  race<Name extends string>(
    actors: Readonly<Record<Name, Actor<unknown>>>,
    script: string,
  ): Record<Name, unknown> {
    const interleaving = new Interleaving(this.engine, actors);
    interleaving.play(script);
    const results = Object.keys(actors).map((name) => [name, interleaving.result(name)]);
    return Object.fromEntries(results) as Record<Name, unknown>;
  }

  /** swapon of a whole file: "ok", or what it is refused with. */
  *swapon(path: string): Actor<string> {
    const { engine, fs, oracle } = this;
    const file = fs.lookup(path);
    if (!file) return "ENOENT";
    const transport = strategies.require("pinned").open(
      {
        engine,
        processors: this.processors,
        observer: {
          wroteRaw: (device, block, content, slot) =>
            oracle.wroteRaw(file.owner, { device, block }, content, slot),
        },
        target: { kind: "file", fs, file },
        poolPages: { take: () => true, give() {} },
        owner: file.owner,
        faults: this.#faults,
      },
      {},
    );
    const unlock = yield* fs.lockInode(file);
    const answer = yield* transport.activate(file.size);
    if (answer.errno === undefined) {
      fs.setSwapFile(file, true);
      this.#areas.set(path, transport);
    }
    unlock();
    return answer.errno === undefined ? "ok" : `${answer.errno}: ${answer.message}`;
  }

  swapoff(path: string): void {
    this.#areas.get(path)?.deactivate();
    this.#areas.delete(path);
    const file = this.fs.lookup(path);
    if (file) this.fs.setSwapFile(file, false);
  }

  /** Harm, broken invariants and promises, and swap files that nobody can switch off. */
  override problems(): readonly string[] {
    const lost = [...this.#areas.keys()].filter((path) => !this.fs.lookup(path));
    return [...super.problems(), ...lost.map((path) => `no path leads to the active swap file ${path}`)];
  }

  /** Pages go to slots of an active area. Nothing happens if the area is not active. */
  swapOut(path: string, ...slots: readonly number[]): void {
    for (const slot of slots) this.run(this.#writePage(path, slot));
  }

  *#writePage(path: string, slot: number): Actor {
    const area = this.#areas.get(path);
    const owner = this.owners.add("memory", `page in slot ${slot}`).id;
    if (!area) return;
    const ended = new WaitQueue(this.engine, "swap-out");
    const io = new SwapIo(slot, 0, { generation: this.#generation++, owner, index: 0 }, () =>
      ended.wakeAll(),
    );
    const plug = new Plug();
    const actor = area.writePage(io, plug);
    if (actor) yield* actor;
    plug.flush();
    while (!io.done) yield ended.wait("swap-out");
  }

  /** Files of a subvolume are older than a snapshot that is gone: nothing is shared, and a write still goes to new space. */
  makeOlderThanSnapshot(path: string): void {
    this.run(this.fs.subvolumes.snapshot(path, "/gone", true, "step"));
    this.run(this.fs.subvolumes.delete("/gone", "step"));
    this.run(this.fs.subvolumes.waitForCleaner());
  }

  /** Other files take every free block. */
  fillUp(): void {
    this.run(this.fs.sync());
    for (const blocks of [4096, 256, 16]) {
      for (let file = 0; this.run(this.#newFile(`/other-${blocks}-${file}`, blocks)) === "ok"; ) file++;
    }
  }

  *#newFile(path: string, blocks: number): Actor<string> {
    const made = yield* this.fs.fileOperations.create(path, true, "step");
    if (made.errno !== undefined) return made.errno;
    return (yield* this.fs.write(this.fs.lookup(path)!, 0, blocks)) ?? "ok";
  }
}
