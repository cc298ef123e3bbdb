import { describe, expect, it } from "vitest";
import { type Actor, delay, SECOND } from "../../../../sim/engine/index.ts";
import { SeriesMachine } from "../../support/series-machine.ts";

/** A swap file of the series whose making is committed. */
function active(): SeriesMachine {
  const machine = new SeriesMachine();
  machine.run(machine.fs.sync());
  expect(machine.activate()).toBe("ok");
  return machine;
}

/** Cuts the power: whatever ran is gone, and the filesystem mounts again. */
function crash(machine: SeriesMachine): void {
  machine.engine.killAllBut(new Set());
  for (const device of machine.devices) device.powerLoss();
  machine.fs.recover();
  machine.fs.mount();
}

describe("after a power loss a swap file of the 2014 series", () => {
  it("is switched on again, and its page-outs are completed by a worker of this boot", () => {
    const machine = active();
    machine.out(1);
    crash(machine);
    expect(machine.activate()).toBe("ok");
    const written = machine.out(2);
    machine.wait(SECOND);
    expect(machine.run(machine.swapIn(2))).toBe(written);
  });

  it("does not wait for a commit that was cut off in its critical section", () => {
    const machine = active();
    const { fs } = machine;
    const commitsAndCuts = function* (): Actor {
      machine.start(fs.sync());
      machine.start(machine.swapOut(1));
      while (!machine.engine.waiters().some(({ label }) => label === "wait_current_trans")) {
        yield delay("until the page-out waits for the commit", 1000);
      }
    };
    machine.run(commitsAndCuts());
    crash(machine);
    expect(machine.activate()).toBe("ok");
    const written = machine.out(2);
    machine.run(fs.sync());
    expect(machine.run(machine.swapIn(2))).toBe(written);
  });
});
