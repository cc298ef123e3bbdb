import type { AccessSource, InterleavedFileReads, ParameterValues, RegistryEntry } from "../../sim/index.ts";

/** What the reader of scenarios asks a registry: all names, and the entry of one. */
export interface Names<Entry extends RegistryEntry> {
  get(name: string): Entry | undefined;
  names(): readonly string[];
  entries(): readonly Entry[];
}

export interface StrategyEntry extends RegistryEntry {
  readonly targets: "file" | "device";
}

export interface DeviceModelEntry extends RegistryEntry {
  /** Pages are kept compressed in the machine's memory. */
  readonly livesInMemory?: boolean;
}

export interface StackedEntry extends RegistryEntry {
  /** What it lies over. */
  readonly over: "file" | "device";
}

export interface PatternEntry extends RegistryEntry {
  create(options: ParameterValues & { readonly pages: number }): AccessSource;
  fileReads(options: ParameterValues & { readonly pages: number }): InterleavedFileReads | undefined;
}

export interface ReclaimPolicyEntry extends RegistryEntry {
  /** It must know all accesses before they are made. */
  readonly needsFuture: boolean;
  /** It knows a page by its task and number, so no two tasks may share one. */
  readonly numbersPages: boolean;
}

/** What a filesystem asks of the devices below it, so far as it can be told before it is made. */
export interface FilesystemLimits {
  readonly smallestDevice: number;
  readonly devicesAtMost: number;
  /** Devices that its profiles need. */
  devicesAtLeast(options: ParameterValues): number;
  /** Bytes of data that fit on devices of these sizes, copies counted. */
  room(options: ParameterValues, sizes: readonly number[]): number;
}

/** Everything a scenario may name. The reader of scenarios knows no name by itself. */
export interface Catalogue {
  readonly strategies: Names<StrategyEntry>;
  readonly deviceModels: Names<DeviceModelEntry>;
  readonly stackedDevices: Names<StackedEntry>;
  readonly filesystemTypes: Names<RegistryEntry>;
  readonly operations: Names<RegistryEntry>;
  readonly kernelProfiles: Names<RegistryEntry>;
  readonly reclaimPolicies: Names<ReclaimPolicyEntry>;
  /** Allocators of compressed memory. */
  readonly zpools: Names<RegistryEntry>;
  readonly patterns: Names<PatternEntry>;
  /** Ways to go through orders of steps. */
  readonly searches: Names<RegistryEntry>;
  /** Mechanisms that can be broken on purpose. */
  readonly faults: readonly string[];
  readonly filesystemLimits: (type: string) => FilesystemLimits;
  /** CPU time that one line of a recorded trace stands for, by the file's name; undefined for an unknown file. */
  readonly cpuPerTraceLine: (file: string) => number | undefined;
}

/** A trace that was read and decoded: opens its accesses from their beginning. */
export interface ReadableTrace {
  open(): AccessSource;
}

/** Why a trace cannot be used, as `found …, expected …`. */
export interface TraceProblem {
  readonly found: string;
  readonly expected: string;
}

/** Reads a trace file. The name is as the scenario has it: relative to the scenario's file. */
export type ReadTrace = (name: string) => ReadableTrace | TraceProblem;
