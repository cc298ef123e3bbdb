/*
 * The values a scenario file may hold, one table for each kind of map in it, with all defaults. The reader and the
 * JSON Schema are both made from these tables, so they cannot disagree.
 */

export { BUG_FIELDS, BUG_KEYS, BUG_WITNESS_FIELDS, SLICE_FIELDS } from "./bug.ts";
export { CONFORMANCE_FIELDS } from "./conformance.ts";
export { EXPLORE_FIELDS } from "./explore.ts";
export { CGROUP_FIELDS, machineFields, zswapFields } from "./machine.ts";
export { deviceFields, FILE_FIELDS, SWAP_FIELDS, stackedFields } from "./storage.ts";
export { ACCESS_CPU, memoryTaskFields, scriptTaskFields, WRITER_FIELDS } from "./tasks.ts";
export { STEP_FIELDS } from "./timeline.ts";
export { COUNTER_FIELDS, TOP_FIELDS, TOP_KEYS } from "./top.ts";
