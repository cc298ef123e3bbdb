import type { BlockContent, BlockDevice, OwnerId, Plug } from "../block/index.ts";
import type {
  Actor,
  Engine,
  FailSlab,
  Pages,
  ParameterValues,
  Process,
  Processors,
  RegistryEntry,
} from "../engine/index.ts";
import type { DeviceBlock, Errno, FileHandle, Filesystem, SwapExtent } from "../fs/index.ts";
import type { SwapIo, SwapObserver } from "./swap-io.ts";
import type { PagePort } from "./zpool/index.ts";

/** What a swap area is made on. */
export type SwapTarget =
  | { readonly kind: "device"; readonly device: BlockDevice }
  | { readonly kind: "file"; readonly fs: Filesystem; readonly file: FileHandle };

/** What a transport needs of the machine. */
export interface TransportContext {
  readonly engine: Engine;
  readonly processors: Processors;
  readonly observer: SwapObserver;
  readonly target: SwapTarget;
  /** Memory for what a device without a disk keeps. */
  readonly poolPages: PagePort;
  /** Who owns the bytes of the swap file, for histories. */
  readonly owner: OwnerId;
  /** Mechanisms broken on purpose. */
  readonly faults: ReadonlySet<string>;
  /** Lets an allocation fail on purpose; left out: none does. */
  readonly failslab?: FailSlab;
  /** One line of the simulated kernel log; left out: nobody reads it. */
  readonly log?: (line: string) => void;
}

/** The answer of a transport's activation. */
export type TransportActivation =
  | { readonly errno: Errno; readonly message: string }
  | {
      readonly errno: undefined;
      readonly pages: Pages;
      readonly extents: number;
      readonly span: Pages;
      /** The one device that the area lies on; left out: the area has none of its own. */
      readonly device?: BlockDevice | undefined;
    };

/** A way to reach the disk: what bmap, pinned, direct-io … differ in. */
export interface SwapTransport {
  /** A page is written and read in the caller's step (SWP_SYNCHRONOUS_IO): its swap-in needs no swap cache. */
  readonly synchronousIo: boolean;
  /** As far as is known before activation: slots are handed out by clusters and not next-fit, as on a rotational device. */
  readonly solidState: boolean;
  /** Only reclaim that may enter a filesystem writes pages here (SWP_FS_OPS, 5.19; in 2014 I/O was enough). */
  readonly entersFilesystem?: boolean;
  /** pswpout counts pages that were written, not those that were sent (SWP_FILE in Linux 3.18). */
  readonly countsOnSuccess?: boolean;
  /** The filesystem's part of swapon for the first `pages` pages of the target. */
  activate(pages: Pages): Actor<TransportActivation>;
  /** The last part of swapon, when the area is in use already: it marks the file as a swap file. */
  enabled?(): Actor;
  deactivate(): void;
  /** A slot is free again (swap_slot_free_notify). */
  slotFreed?(slot: number): void;
  /**
   * Writes a page to its slot. An asynchronous transport queues the request and returns nothing; a synchronous one
   * returns an actor, which the caller runs and which ends when the request has. Either way `io` completes exactly once.
   */
  writePage(io: SwapIo, plug: Plug): Actor | undefined;
  /**
   * Processes that carry page-outs under way, one entry a page; left out: devices carry them, which come to an end by
   * themselves.
   */
  carriers?(): readonly Process[];
  /** Without a plug the read is on its way at once. */
  readPage(io: SwapIo, plug: Plug | undefined): Actor | undefined;
  /** Where a slot's bytes lie right now, as this transport would find them. Costs no time. */
  placeOf(slot: number): DeviceBlock | undefined;
  /** The block list that was written down at swapon; left out: every I/O asks anew. */
  mapping?(): Iterable<SwapExtent>;
  /** What a slot holds, where that is not what its block holds: compressed by the filesystem. For the oracle. */
  contentOf?(slot: number): BlockContent | undefined;
}

/** A strategy: one file and one line in the registry. */
export interface SwapStrategy extends RegistryEntry {
  /** What it can be used on. */
  readonly targets: "file" | "device";
  /** The swap file is made copy-on-write for this variant. */
  wantsCowFile(options: ParameterValues): boolean;
  open(context: TransportContext, options: ParameterValues): SwapTransport;
}
