import { expect, it } from "vitest";
import { type Actor, delay, MILLISECOND, SECOND } from "../sim/engine/index.ts";
import { probeHits } from "../sim/engine/probe.ts";
import { type AccessSource, simulate } from "../sim/index.ts";
import { dupMmap, filemapWrite, shrinkZswap } from "../sim/mm/index.ts";
import { BtrfsMachine } from "./fs/support/btrfs-machine.ts";
import { SeriesMachine } from "./fs/support/series-machine.ts";
import { listed, MemoryMachine } from "./support/memory-machine.ts";
import { RaceMachine } from "./support/race-machine.ts";
import { memoryTask, plain, smallScenario, step, uniformAccesses, writerTask } from "./support/scenarios.ts";
import { SlowFile } from "./support/slow-file.ts";
import { onCrypt, onLoop } from "./support/stacked-scenes.ts";

/** Every page in order, written. */
function sequentialAccesses(pages: number): () => AccessSource {
  return listed(
    pages,
    Array.from({ length: pages }, (_, page) => page * 2 + 1),
  );
}

/** Random accesses from two tasks that share a small memory; slow and fast, synchronous and not. */
function memoryScenes(): void {
  for (const synchronous of [false, true]) {
    for (const latency of [10_000, 3 * MILLISECOND]) {
      const machine = new MemoryMachine({ frames: 120, slots: 900, synchronous, latency, solidState: false });
      machine.task("one", uniformAccesses(150, 1), { cpu: 500 });
      machine.task("two", uniformAccesses(100, 2), { cpu: 700 });
      machine.run(SECOND);
    }
  }
  const crowded = new MemoryMachine({ frames: 120, slots: 900, crowding: MILLISECOND });
  crowded.task("reader", sequentialAccesses(400), { repeat: 3 });
  crowded.run(SECOND);
  const full = new MemoryMachine({ frames: 64, slots: 40 });
  full.task("hog", sequentialAccesses(90), { repeat: 3 });
  full.run(SECOND);
  const small = new MemoryMachine({ frames: 300, slots: 2000, zswap: { zpool: "zbud", maxPages: 20 } });
  small.task("writer", sequentialAccesses(600), { repeat: 3, compressedSize: (page) => (page % 3) * 1500 });
  small.run(SECOND);
  const dirty = new MemoryMachine({ frames: 200, slots: 400 });
  const cache = dirty.mm.cacheFile(new SlowFile(dirty.engine, 300));
  const copier = dirty.mm.createTask("copier", 1);
  dirty.engine.spawn(
    "copier",
    (function* (): Actor {
      for (let page = 0; page < 300; page++) yield* filemapWrite(dirty.mm, copier, cache, page);
    })(),
  );
  dirty.task("hog", sequentialAccesses(250), { repeat: 3 });
  dirty.run(SECOND);
  const unreadable = new MemoryMachine({ frames: 64, slots: 400 });
  for (let slot = 0; slot < 400; slot++) unreadable.transport.failingReads.add(slot);
  unreadable.task("unlucky", uniformAccesses(120, 3));
  unreadable.run(SECOND);
}

/** The small scenario with two tasks and a writer that reads back what it writes. */
function machineScene(): void {
  simulate(
    smallScenario({
      duration: 35 * SECOND,
      tasks: [memoryTask(2000), writerTask("/db", { readEvery: 1, rate: 400 })],
      timeline: [step(3, "balance", { vrange: "/swapfile" }), step(9, "defrag", { path: "/db" })],
    }),
    plain("bmap"),
  );
}

/** The 2014 series: in place, to new space after a snapshot, and after an abort. */
function seriesScenes(): void {
  const machine = new SeriesMachine();
  machine.activate();
  machine.out(1);
  machine.run(machine.fs.subvolumes.snapshot("/", "/snap", true, "s"));
  machine.out(1);
  machine.wait(MILLISECOND);
  const leaves = new SeriesMachine({ file: { preallocated: true } });
  leaves.activate();
  leaves.memory.reclaim("page for a leaf", () => leaves.swapOut(5));
  leaves.out(1);
  leaves.wait(MILLISECOND);
  leaves.run(leaves.fs.subvolumes.snapshot("/", "/backup", true, "s"));
  leaves.memory.reclaim("page of the page cache", () => leaves.swapOut(5));
  leaves.hang(leaves.fs.subvolumes.send("/backup", "s"));
  machine.run(machine.fs.mountOperations.abortTransaction("EIO"));
  machine.out(1);
  machine.wait(MILLISECOND);
  const hogs = [1, 2, 3, 4].map((number) => memoryTask(900, { name: `hog${number}`, cpu: 2000 }));
  const era2014 = { name: "2014", strategy: "direct-io", options: { era: "2014" } };
  simulate(smallScenario({ duration: SECOND, tasks: hogs, timeline: [] }), era2014);
}

/** Writers in the way of a balance on a slow disk, a full disk, and a block overwritten behind the filesystem's back. */
function filesystemScenes(): void {
  const machine = new BtrfsMachine({ model: "ssd-sata-slow" });
  const files = [
    machine.create("/nocow", 3000, { nocow: true }),
    machine.create("/cow", 3000, { extents: 30 }),
  ];
  for (const file of files) {
    machine.start(
      (function* (): Actor {
        for (let round = 0; round < 600; round++)
          yield* machine.fs.write(file, (round * 37) % 2990, 1 + (round % 9));
      })(),
    );
  }
  for (let file = 0; file < 20; file++) {
    const whole = machine.create(`/overwritten-${file}`, 20);
    machine.start(
      (function* (): Actor {
        yield delay("until the copying has begun", file * 20 * MILLISECOND);
        yield* machine.fs.write(whole, 0, 20);
      })(),
    );
  }
  machine.run(machine.fs.volume.balance({ type: "data" }, "step"));
  machine.device.contents.write(machine.fs.bmap(files[1]!, 3)!.block, 4_000_000, 0, 0);
  machine.run(machine.fs.read(files[1]!, 3, 1));
  const crowded = new BtrfsMachine();
  const filler = crowded.create("/filler", 300 * 256);
  crowded.create("/gone", 80 * 256);
  crowded.run(crowded.fs.unlink("/gone", "step"));
  crowded.run(crowded.fs.write(filler, 0, 80 * 256));
}

/** A slot that is claimed when somebody else wants it, and one that is used again while zswap writes its entry back. */
function raceScenes(): void {
  const claimed = new RaceMachine({ inMemory: true });
  const shared = claimed.program(4);
  claimed.alone(claimed.thread(shared, "w0")).alone(claimed.evict(shared, 0));
  const [A, B] = [claimed.thread(shared, "r0"), claimed.thread(shared, "w0")];
  claimed.race({ A, B }, "A until do_swap_page (pte_same)\n B goes on");
  const machine = new RaceMachine({ zswap: { zpool: "zbud", maxPages: 10 } });
  const space = machine.program(4);
  machine.alone(machine.thread(space, "w0")).alone(machine.evict(space, 0));
  const actors = {
    shrink: shrinkZswap(machine.mm, machine.mm.zswap!),
    owner: machine.thread(space, "w0 w1"),
    reclaim: machine.evict(space, 1),
  };
  machine.race(actors, "shrink until zswap_get_swap_cache_page\n owner goes on\n reclaim goes on");
}

/** A page that a fork shares is written first by the child, which copies it, and then by the parent, who is left with it. */
function forkScene(): void {
  const machine = new RaceMachine();
  const [parent, child] = [machine.program(1), machine.program(1)];
  machine.alone(machine.thread(parent, "w0"));
  machine.alone(dupMmap(machine.mm, parent, child));
  machine.alone(machine.thread(child, "w0")).alone(machine.thread(parent, "w0"));
}

/** Workers that carry swap and need memory for it. */
function stackedScenes(): void {
  onLoop({ duration: SECOND / 10 });
  onCrypt("direct-io", { duration: SECOND / 2, timeline: [] });
}

it("every probe is hit: the interesting things do happen", () => {
  // Other files of the same thread have hit some already.
  const before = new Map(probeHits());
  memoryScenes();
  machineScene();
  filesystemScenes();
  seriesScenes();
  stackedScenes();
  raceScenes();
  forkScene();
  const missed = [...probeHits()].filter(([sentence, hits]) => hits === (before.get(sentence) ?? 0));
  expect(missed.map(([sentence]) => sentence)).toEqual([]);
});
