import { describe, expect, it } from "vitest";
import { fail, type ParameterValues, SECOND } from "../../../sim/engine/index.ts";
import { FsRaceMachine } from "../../support/fs-race-machine.ts";

class NfsMachine extends FsRaceMachine {
  constructor(faults: readonly string[], mount: ParameterValues = {}) {
    super("nfs", faults, mount);
  }

  /** The server restarts; nobody talks to it meanwhile. */
  restart(): this {
    return this.alone(this.fs.restartServer?.(SECOND) ?? fail("an NFS server can restart"));
  }
}

describe("KB-19: the server restarts between a page-out and the page-in", () => {
  const outAndIn = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults);
    const { app } = machine;
    machine.alone(machine.thread(app, "w0")).alone(machine.evict(app, 0));
    return machine
      .restart()
      .alone(machine.thread(app, "r0"))
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
    expect(machine.harm()).toEqual([]);
  });

  it("the lock does no harm as long as nobody reads the file", () => {
    expect(new NfsMachine(["swapIoTakesInodeLock"]).harm()).toEqual([]);
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
    expect(recover([]).harm()).toEqual([]);
  });
});

describe("KB-18c: the worker of NFS calls wants memory for a buffer", () => {
  const write = (faults: readonly string[]) => {
    const machine = new NfsMachine(faults);
    machine.dirtyEverything().exhaustMemory();
    return machine.alone(machine.fs.write(machine.otherFile, 0, 1), "writer");
  };

  it("sleeps until kswapd has made room, whose page-out stands in the worker's queue", () => {
    expect(write(["rpcWaitsForMemory"]).deadlock()).toMatch(
      /kswapd0 waits in rpciod \(call_allocate\) for rpciod; writer waits in reclaim_throttle/,
    );
  });

  it("goes on without", () => {
    expect(write([]).harm()).toEqual([]);
  });

  it("finds memory as long as there is some", () => {
    const machine = new NfsMachine(["rpcWaitsForMemory"]);
    expect(machine.alone(machine.fs.write(machine.otherFile, 0, 1)).harm()).toEqual([]);
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
    expect(recover([]).harm()).toEqual([]);
  });

  it("a thread that is made while there is memory recovers as well", () => {
    const machine = new NfsMachine(["noStateManagerKept"], { version: "4" }).restart();
    expect(machine.alone(machine.fs.read(machine.otherFile, 0, 1)).harm()).toEqual([]);
  });
});
