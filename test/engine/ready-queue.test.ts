import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Process } from "../../sim/engine/index.ts";
import { ReadyQueue } from "../../sim/engine/ready-queue.ts";

describe("the queue of those who are ready", () => {
  it("lets processes out in the order in which they came, however it grows and wraps", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -60, max: 90 }), { maxLength: 20 }), (bursts) => {
        const queue = new ReadyQueue();
        const model: Process[] = [];
        let id = 0;
        for (const burst of bursts) {
          for (let left = burst; left > 0; left--) {
            const process = { id: id++ } as Process;
            queue.push(process);
            model.push(process);
          }
          for (let left = burst; left < 0 && model.length > 0; left++) {
            expect(queue.shift()).toBe(model.shift());
          }
          expect(queue.length).toBe(model.length);
        }
      }),
    );
  });
});
