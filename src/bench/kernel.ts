import { type Actor, delay, Engine, Mutex, openStreams } from "../../sim/index.ts";
import { type BenchCase, scaled, timed } from "./bench-case.ts";
import { BareHold, bareGenerators } from "./references.ts";

/** Mean of the exponential delays, ns. */
const MEAN = 1_000_000;
const DELAYS = 1 << 16;

/** Exponential delays drawn beforehand: the kernel is measured, not the logarithm. */
function exponentialDelays(name: string, mean: number): Int32Array {
  const random = openStreams("benchmark").named(name);
  return Int32Array.from({ length: DELAYS }, () => Math.max(1, random.exponential(mean)));
}

const OUT_OF_CACHE =
  "The actors, a generator each, do not fit into the caches: resuming one of 100,000 in random order takes about half " +
  "as long as the bare queue needs for an event, without any engine; queue and generators in one loop come to about " +
  "1.9 times the queue alone. Machines have tens of processes waiting for time, not 100,000.";

/** Actors that do nothing but wait, all in one engine. */
function holdModel(pending: number): BenchCase {
  return {
    name: `hold-${pending}`,
    unit: "ns",
    operation: `event with ${pending} pending: the earliest actor goes on and waits again`,
    reference: "bare fastpriorityqueue of handles into a typed array",
    goal: { ratioAtMost: 1.4 },
    ...(pending > 10_000 && { breakdown: OUT_OF_CACHE }),
    note: "delays exponential, drawn beforehand; an event includes the step of its actor and the fingerprint",
    prepare(meters, scale) {
      const delays = exponentialDelays("hold", MEAN);
      const engine = new Engine({ seed: "benchmark" });
      let next = 0;
      const holder = function* (): Actor {
        for (;;) yield delay("hold", delays[next++ & (DELAYS - 1)]!);
      };
      for (let index = 0; index < pending; index++) engine.spawn("holder", holder());
      const bare = new BareHold(pending, delays);
      const operations = scaled(2_000_000, scale);
      const slice = Math.ceil((operations / pending) * MEAN);
      return {
        subject: () =>
          timed(meters, () => {
            const before = engine.events;
            engine.run(engine.now + slice);
            return engine.events - before;
          }),
        reference: () => timed(meters, () => bare.run(operations)),
      };
    },
  };
}

export const hold1000: BenchCase = holdModel(1000);
export const hold100000: BenchCase = holdModel(100_000);

/** Yields of one customer: to the server's lock, perhaps to its queue, and while being served. */
const YIELDS = 3;

/** Runs `customers` through a queue with one server; each is an actor of its own. */
function mm1(customers: number, arrivals: Int32Array, services: Int32Array): number {
  const engine = new Engine({ seed: "benchmark" });
  const server = new Mutex(engine, "server");
  let served = 0;
  const customer = function* (service: number): Actor {
    yield* server.lock("queue");
    yield delay("serve", service);
    server.unlock();
    served++;
  };
  engine.spawn(
    "source",
    (function* (): Actor {
      for (let index = 0; index < customers; index++) {
        yield delay("next arrival", arrivals[index & (DELAYS - 1)]!);
        engine.spawn("customer", customer(services[index & (DELAYS - 1)]!));
      }
    })(),
  );
  engine.run();
  return served;
}

export const mm1Customer: BenchCase = {
  name: "mm1-customer",
  unit: "ns",
  operation: "customer of an M/M/1 queue at load 0.8, each an actor",
  reference: "a bare generator with as many yields, made and run to its end",
  goal: { atMost: 400 },
  note: "arrival, start, lock, perhaps waiting, service; delays drawn beforehand",
  prepare(meters, scale) {
    const arrivals = exponentialDelays("arrivals", MEAN / 0.8);
    const services = exponentialDelays("services", MEAN);
    const customers = scaled(500_000, scale);
    return {
      subject: () => timed(meters, () => mm1(customers, arrivals, services)),
      reference: () => timed(meters, () => bareGenerators(customers, YIELDS)),
    };
  },
};
