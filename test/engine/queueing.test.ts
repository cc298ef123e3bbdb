import { describe, expect, it } from "vitest";
import { type Actor, delay, Engine, MILLISECOND, type RandomStream } from "../../sim/engine/index.ts";
import { Semaphore } from "../../sim/engine/locks.ts";

const SERVICE = MILLISECOND;

/** A queue with one server; returns the mean time a customer spends in it, in service times. */
function meanSojourn(load: number, customers: number, serviceTime: (random: RandomStream) => number): number {
  const engine = new Engine({ seed: "queue" });
  const server = new Semaphore(engine, "server", 1);
  const arrivals = engine.random.named("arrivals");
  const services = engine.random.named("services");
  let total = 0;
  const customer = function* (): Actor {
    const arrived = engine.now;
    yield* server.acquire("queue");
    yield delay("serve", serviceTime(services));
    server.release();
    total += engine.now - arrived;
  };
  engine.spawn(
    "source",
    (function* (): Actor {
      for (let index = 0; index < customers; index++) {
        yield delay("next arrival", arrivals.exponential(SERVICE / load));
        engine.spawn("customer", customer());
      }
    })(),
  );
  engine.run();
  return total / customers / SERVICE;
}

describe("closed forms", () => {
  it("M/M/1 at load 0.8 spends 5 service times in the system", () => {
    const measured = meanSojourn(0.8, 200_000, (random) => random.exponential(SERVICE));
    expect(Math.abs(measured / 5 - 1)).toBeLessThan(0.04);
  });

  it("M/D/1 at load 0.8 waits half as long as M/M/1: 2 service times, plus its own", () => {
    const measured = meanSojourn(0.8, 200_000, () => SERVICE);
    expect(Math.abs(measured / 3 - 1)).toBeLessThan(0.03);
  });

  it("machine repairman: five machines and one repairman are busy as the balance equations say", () => {
    const machines = 5;
    const ratio = 0.25; // repair time / time between failures
    const engine = new Engine({ seed: "repairman" });
    const repairman = new Semaphore(engine, "repairman", 1);
    const random = engine.random.named("machines");
    const horizon = 100_000 * SERVICE;
    let busy = 0;
    for (let machine = 0; machine < machines; machine++) {
      engine.spawn(
        `machine${machine}`,
        (function* (): Actor {
          for (;;) {
            yield delay("run", random.exponential(SERVICE / ratio));
            yield* repairman.acquire("broken");
            const repair = random.exponential(SERVICE);
            yield delay("repair", repair);
            busy += repair;
            repairman.release();
          }
        })(),
      );
    }
    engine.run(horizon);
    // p(n) ∝ N!/(N-n)! · ratio^n for n broken machines; the repairman is idle only at n = 0.
    let weight = 1;
    let sum = 1;
    for (let broken = 1; broken <= machines; broken++) {
      weight *= (machines - broken + 1) * ratio;
      sum += weight;
    }
    expect(Math.abs(busy / horizon - (1 - 1 / sum))).toBeLessThan(0.01);
  });
});
