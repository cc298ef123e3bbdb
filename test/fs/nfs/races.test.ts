import { describe, expect, it } from "vitest";
import { createBlockDevice, deviceModels, GenerationCounter, OwnerTable } from "../../../sim/block/index.ts";
import { fail, MIB, PAGE_SIZE, type ParameterValues, SECOND } from "../../../sim/engine/index.ts";
import { blindObserver, type FileHandle, type Filesystem, filesystemTypes } from "../../../sim/fs/index.ts";
import { type AddressSpace, KernelMemory, NO_FRAME, PoolPages } from "../../../sim/mm/index.ts";
import {
  blindSwapObserver,
  FileTransport,
  makeSwap,
  swapon,
  type TransportContext,
} from "../../../sim/swap/index.ts";
import { findCycle } from "../../../sim/wait-for-graph.ts";
import { RaceMachine } from "../../support/race-machine.ts";

const SLOTS = 64;
const MOVABLE = 0;

/** A machine that swaps page by page to a file on a server, through the filesystem. */
class NfsMachine extends RaceMachine {
  readonly fs: Filesystem;
  readonly swapFile: FileHandle;
  readonly otherFile: FileHandle;
  readonly program0: AddressSpace;

  constructor(faults: readonly string[], mount: ParameterValues = {}) {
    super({ slots: 0, faults });
    const { engine, mm } = this;
    const context = {
      engine,
      processors: mm.processors,
      owners: new OwnerTable(),
      generations: new GenerationCounter(),
      observer: blindObserver,
      faults: mm.faults,
      memory: new KernelMemory(() => mm),
      log: () => {},
    };
    const model = deviceModels.require("ram");
    const device = createBlockDevice(engine, { name: "server", model, size: (16 * MIB) / PAGE_SIZE });
    this.fs = filesystemTypes.require("nfs").create(context, [device], mount);
    this.swapFile = this.#create("/swapfile");
    this.otherFile = this.#create("/other");
    const target = { kind: "file", fs: this.fs, file: this.swapFile } as const;
    const transport = new FileTransport({ ...context, target, ...this.#portsOf(this.swapFile) });
    this.alone(
      swapon(engine, this.swap, {
        name: "/swapfile",
        header: makeSwap(SLOTS),
        targetPages: SLOTS,
        file: { fs: this.fs, file: this.swapFile },
        priority: undefined,
        transport,
      }),
    );
    this.program0 = this.program(8);
    // Page 0 is clean and has its copy in a slot; pages 1 to 3 exist in memory only.
    this.alone(this.thread(this.program0, "w0")).alone(this.evict(this.program0, 0));
    this.alone(this.thread(this.program0, "w1 w2 w3 r0"));
  }

  /** Somebody holds all memory above the min mark: whoever wants a page has to reclaim. */
  exhaustMemory(): this {
    while (this.mm.zones.take("min", MOVABLE) !== NO_FRAME);
    return this;
  }

  /** The server restarts; nobody talks to it meanwhile. */
  restart(): this {
    return this.alone(this.fs.restartServer?.(SECOND) ?? fail("an NFS server can restart"));
  }

  deadlock(): string | undefined {
    return findCycle(this.engine);
  }

  #portsOf({ owner }: FileHandle): Pick<TransportContext, "observer" | "poolPages" | "owner"> {
    return { observer: blindSwapObserver, poolPages: new PoolPages(this.mm), owner };
  }

  #create(path: string): FileHandle {
    const made = this.fs.createFile({
      path,
      size: SLOTS * PAGE_SIZE,
      nocow: false,
      preallocated: true,
      extents: 1,
    });
    return typeof made === "string" ? fail(made) : made;
  }
}

/** All pages come back right, and nobody stands still. */
function expectSound(machine: NfsMachine): void {
  expect(machine.deadlock()).toBeUndefined();
  machine.alone(machine.thread(machine.program0, "r0 r1 r2 r3"));
  expect({ wrong: machine.ledger.listed, broken: machine.broken() }).toEqual({ wrong: [], broken: [] });
}

describe("KB-19: the server restarts between a page-out and the page-in", () => {
  const outAndIn = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults);
    const { program0 } = machine;
    machine.alone(machine.thread(program0, "w0")).alone(machine.evict(program0, 0));
    return machine
      .restart()
      .alone(machine.thread(program0, "r0"))
      .ledger.listed.map(({ class: kind }) => kind);
  };

  it("the page is of yesterday if the server had the new one in memory only", () => {
    expect(outAndIn(["noStableWrites"])).toEqual(["A"]);
  });

  it("the page is right if it was on the server's disk before its frame was freed", () => {
    expect(outAndIn([])).toEqual([]);
  });
});

describe("KB-18a: a reader of the swap file has to reclaim", () => {
  const readSwapFile = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults).exhaustMemory();
    return machine.alone(machine.fs.read(machine.swapFile, 0, 4));
  };

  it("its swap-out waits for the inode's lock, which the reader itself holds", () => {
    expect(readSwapFile(["swapIoTakesInodeLock"]).deadlock()).toMatch(
      /waits in nfs_start_io_direct for i_rwsem of \/swapfile/,
    );
  });

  it("is served if swap I/O leaves that lock alone", () => {
    const machine = readSwapFile([]);
    expect(machine.mm.vm.pswpout).toBeGreaterThan(1);
    expectSound(machine);
  });

  it("the lock does no harm as long as nobody reads the file", () => {
    expectSound(new NfsMachine(["swapIoTakesInodeLock"]));
  });
});

describe("KB-18b: the state manager reclaims, in NOFS context, while all calls wait for it", () => {
  const recover = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults, { version: "4" }).restart().exhaustMemory();
    return machine.alone(machine.fs.write(machine.otherFile, 0, 1), "writer");
  };

  it("writes to swap on the server that waits to hear from it, if only I/O has to be permitted", () => {
    expect(recover(["noReclaimFsRule"]).deadlock()).toMatch(
      /nfs4 state manager waits in \S+ for (the recovery|a page under write-back)/,
    );
  });

  it("takes what is clean and leaves swap-out to others", () => {
    expectSound(recover([]));
  });
});

describe("KB-18c: the worker of NFS calls wants memory for a buffer", () => {
  const write = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults);
    // Nothing is clean: only swap-out gives memory.
    machine.alone(machine.thread(machine.program0, "w0")).exhaustMemory();
    return machine.alone(machine.fs.write(machine.otherFile, 0, 1), "writer");
  };

  it("sleeps until kswapd has made room, whose page-out stands in the worker's queue", () => {
    expect(write(["rpcWaitsForMemory"]).deadlock()).toMatch(
      /kswapd0 waits in rpciod \(call_allocate\) for rpciod; writer waits in reclaim_throttle/,
    );
  });

  it("goes on without", () => {
    expectSound(write([]));
  });

  it("finds memory as long as there is some", () => {
    const machine = new NfsMachine(["rpcWaitsForMemory"]);
    expectSound(machine.alone(machine.fs.write(machine.otherFile, 0, 1)));
  });
});

describe("KB-18d: a server with swap restarts", () => {
  const recover = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults, { version: "4" }).restart().exhaustMemory();
    return machine.alone(machine.fs.write(machine.otherFile, 0, 1), "writer");
  };

  it("the thread that shall recover is not made, because its stack must be swapped for", () => {
    expect(recover(["noStateManagerKept"]).deadlock()).toMatch(
      /kthreadd waits in \S+ for (the recovery|a page under write-back)/,
    );
  });

  it("the thread that was kept recovers", () => {
    expectSound(recover([]));
  });

  it("a thread that is made while there is memory recovers as well", () => {
    const machine = new NfsMachine(["noStateManagerKept"], { version: "4" }).restart();
    expectSound(machine.alone(machine.fs.read(machine.otherFile, 0, 1)));
  });
});
