import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodeTrace, isTraceProblem, recordedTraces, TraceSource } from "../../workloads/index.ts";
import type { ReadableTrace, ReadTrace, TraceProblem } from "../scenario/index.ts";
import { explain } from "./files.ts";
import { shippedTrace } from "./package-files.ts";

const CHUNK_BYTES = 256 * 1024;

/**
 * Reads traces. A name is relative to the scenario file; one that is not there may be a recorded program of the
 * package. Each is read once.
 */
export function traceReader(scenarioFile: string): ReadTrace {
  const known = new Map<string, ReadableTrace | TraceProblem>();
  return (name) => {
    const beside = resolve(dirname(scenarioFile), name);
    const path = existsSync(beside) ? beside : (shippedTrace(name) ?? beside);
    const trace = known.get(path) ?? readTraceFile(path);
    known.set(path, trace);
    return trace;
  };
}

/**
 * Decodes one file. What is wrong with the file is a problem of the scenario; anything else is a defect and
 * throws.
 */
function readTraceFile(path: string): ReadableTrace | TraceProblem {
  try {
    const decoded = decodeTrace(chunksOf(path));
    if (!isTraceProblem(decoded)) return { open: () => new TraceSource(decoded) };
    const { at, found, expected } = decoded;
    const place = "line" in at ? `line ${at.line}` : `byte ${at.byte}`;
    return { found: `${found} at ${place} of ${path}`, expected };
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    return {
      found: `${path}, but ${explain(error)}`,
      expected: `a trace of valgrind lackey, plain or gzipped, or one of ${recordedTraces.map(({ file }) => file).join(", ")}`,
    };
  }
}

/** The bytes of a file, a chunk at a time, so that a large trace is never in memory as text. */
function* chunksOf(path: string): Generator<Uint8Array, undefined, void> {
  const file = openSync(path, "r");
  try {
    const buffer = new Uint8Array(CHUNK_BYTES);
    for (let bytes = readSync(file, buffer); bytes > 0; bytes = readSync(file, buffer)) {
      yield buffer.slice(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}
