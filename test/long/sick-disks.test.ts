import { describe } from "vitest";
import { judgeSickDisks } from "../support/sick-disks.ts";

describe("disks that are not well, many of them", () => {
  judgeSickDisks(200);
});
