import { expect, it } from "vitest";
import type { Violation, ViolationClass } from "../../sim/oracle/index.ts";
import { ViolationLedger } from "../../sim/oracle/violations.ts";

const told = (kind: ViolationClass, at: number): Violation => {
  return { class: kind, at, what: "page 1", got: "a", expected: "b", because: [] };
};

it("counts every violation, lists the first hundred at most, and keeps a place for the first of each class", () => {
  const ledger = new ViolationLedger();
  for (let at = 0; at < 500; at++) ledger.add("A", () => told("A", at));
  const before = ledger.listed.length;
  ledger.add("B", () => told("B", 500));
  ledger.add("B", () => told("B", 501));
  expect(before).toBe(92);
  expect(ledger.listed.map(({ class: kind }) => kind).filter((kind) => kind === "B")).toEqual(["B"]);
  for (const kind of ["C", "D", "E", "F", "G", "H", "L"] as const) ledger.add(kind, () => told(kind, 600));
  expect(ledger.listed).toHaveLength(100);
  expect(ledger.byClass()).toMatchObject({ A: 500, B: 2, L: 1 });
});
