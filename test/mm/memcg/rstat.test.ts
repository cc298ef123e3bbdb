import { describe, expect, it } from "vitest";
import { Rstat, Stat } from "../../../sim/mm/memcg/rstat.ts";

describe("statistics of groups", () => {
  it("are seen only after a flush", () => {
    const rstat = new Rstat(1);
    const stats = rstat.add();
    rstat.change(stats, Stat.inactive_anon, 5);
    expect([stats.now[Stat.inactive_anon], stats.flushed[Stat.inactive_anon]]).toEqual([5, 0]);
    rstat.flush();
    expect(stats.flushed[Stat.inactive_anon]).toBe(5);
  });

  it.each([
    [1, 130, true],
    [1, 128, false],
    [2, 195, true],
    [2, 130, false],
  ])("on %d CPUs are worth a flush after %d single updates: %s", (cpus, updates, due) => {
    const rstat = new Rstat(cpus);
    for (let update = 0; update < updates; update++) rstat.updated(1);
    expect(rstat.flushIsDue).toBe(due);
    rstat.flush();
    expect(rstat.flushIsDue).toBe(false);
  });

  it("count a change downwards like one upwards", () => {
    const rstat = new Rstat(1);
    const stats = rstat.add();
    for (let change = 0; change < 130; change++)
      rstat.change(stats, Stat.active_file, change % 2 === 0 ? 1 : -1);
    expect(rstat.flushIsDue).toBe(true);
  });
});
