import type { Bytes } from "../engine/index.ts";

/** A chunk and where its stripes lie. */
export interface LaidChunk {
  readonly start: Bytes;
  readonly length: Bytes;
  readonly type: "data" | "metadata" | "system";
  readonly profile: string;
  /** `device` counts the filesystem's devices from 1. */
  readonly stripes: readonly { readonly device: number; readonly offset: Bytes }[];
}

/** Part of a file: `length` bytes at `offset` lie in an extent, `extentOffset` behind its start. */
export interface LaidPiece {
  readonly offset: Bytes;
  readonly length: Bytes;
  readonly extent: { readonly start: Bytes; readonly length: Bytes };
  readonly extentOffset: Bytes;
  /** Allocated and never written: it reads as zeroes. */
  readonly unwritten: boolean;
}

export interface LaidFile {
  readonly path: string;
  readonly size: Bytes;
  readonly nocow: boolean;
  readonly pieces: readonly LaidPiece[];
}

/** Where everything lies on the devices of a filesystem that was made elsewhere: taken from a real one. */
export interface LaidDisk {
  readonly chunks: readonly LaidChunk[];
  readonly files: readonly LaidFile[];
}
