import {
  assert,
  MIB,
  MICROSECOND,
  type ParameterDeclarations,
  pagesOf,
  SECOND,
  withDefaults,
} from "../../engine/index.ts";
import type { FilesystemType } from "../filesystem-type.ts";
import { Nfs } from "./nfs.ts";

const parameters: ParameterDeclarations = {
  roundTrip: {
    type: "duration",
    default: 200 * MICROSECOND,
    min: 0,
    meaning: "round trip of the network; the default is that of a local one, an estimate",
  },
  bandwidth: {
    type: "size",
    default: 119 * MIB,
    min: MIB,
    meaning: "bytes a second each way; the default is 1 Gb/s",
  },
  stable: {
    type: "boolean",
    default: true,
    meaning: "writes are on the server's disk before the reply (FILE_SYNC)",
  },
  version: {
    type: "choice",
    choices: ["3", "4"],
    default: "3",
    meaning:
      "of the protocol (mount -o nfsvers=); NFSv4 keeps state, which a server that restarts has to be told",
  },
  soft: {
    type: "boolean",
    default: false,
    meaning: "mount -o soft: gives up when the server does not answer",
  },
  asyncExport: {
    type: "boolean",
    default: false,
    meaning: "the server acknowledges stable writes too before they are on its disk (an export option)",
  },
  serverCache: {
    type: "size",
    default: 0,
    min: 0,
    meaning: "page cache of the server: what is in it is read without its disk",
  },
  timeout: { type: "duration", default: 60 * SECOND, min: 1, meaning: "how long a soft mount waits" },
};

/** A mount from another machine, whose disk is the device. */
export const nfs: FilesystemType = {
  name: "nfs",
  summary:
    "A mount from a server whose disk is the device: round trips, stable or unstable writes, restarts.",
  source: "fs/nfs and net/sunrpc, Linux 3.18 and 6.1",
  parameters,
  copyOnWrite: false,
  create(context, devices, options) {
    const [device, ...more] = devices;
    assert(device !== undefined && more.length === 0, "an NFS server has one disk");
    const { roundTrip, bandwidth, stable, version, soft, timeout, asyncExport, serverCache } = withDefaults(
      parameters,
      options,
    );
    return new Nfs(context, device, {
      roundTrip: Number(roundTrip),
      bandwidth: Number(bandwidth),
      stable: stable === true,
      version: version === "4" ? 4 : 3,
      server: { asyncExport: asyncExport === true, cachePages: pagesOf(Number(serverCache)) },
      patience: soft === true ? Number(timeout) : undefined,
    });
  },
};
