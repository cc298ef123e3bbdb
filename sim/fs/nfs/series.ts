import type { BlockContent } from "../../block/index.ts";
import { type Actor, Mutex, step } from "../../engine/index.ts";
import type { Errno } from "../errno.ts";
import type { FileHandle } from "../file-handle.ts";
import type { Filesystem, FsContext } from "../filesystem.ts";
import type { Series2014, SeriesRead } from "../series-2014.ts";

/** What the series needs of the mount. */
type Mount = Pick<Filesystem, "directRead" | "directWrite" | "setSwapFile" | "swapDeactivate">;

/**
 * nfs_direct_IO and nfs_readpage of Linux 3.18, one page each; NFS had swap_activate since 3.6. Direct I/O sets its
 * request up under i_mutex, in both directions; readpage does not take it.
 */
export class NfsSeries implements Series2014 {
  readonly dirtiesPages = "marking";
  readonly readpageTakesSwapCache = true;
  readonly #context: FsContext;
  readonly #mount: Mount;
  readonly #mutexes = new Map<FileHandle, Mutex>();

  constructor(context: FsContext, mount: Mount) {
    this.#context = context;
    this.#mount = mount;
  }

  *swapActivate(file: FileHandle): ReturnType<Series2014["swapActivate"]> {
    yield step("nfs_swap_activate", file);
    this.#mutexes.set(file, new Mutex(this.#context.engine, `i_mutex of ${file.path}`));
    return { errno: undefined };
  }

  *enabled(file: FileHandle): Actor {
    yield step("swapon", file);
    this.#mount.setSwapFile(file, true);
  }

  swapDeactivate(file: FileHandle): void {
    this.#mount.swapDeactivate(file);
    this.#mutexes.delete(file);
  }

  *directWrite(file: FileHandle, block: number, content: BlockContent): Actor<Errno | undefined> {
    if (!(yield* this.#setUp(file, "mutex_lock (nfs_file_direct_write)"))) return "ENOMEM";
    return yield* this.#mount.directWrite(file, block, content);
  }

  *directRead(file: FileHandle, block: number): Actor<Errno | SeriesRead> {
    if (!(yield* this.#setUp(file, "mutex_lock (nfs_file_direct_read)"))) return "ENOMEM";
    return yield* this.#mount.directRead(file, block);
  }

  *readpage(file: FileHandle, block: number, end: (found: Errno | SeriesRead) => void): Actor {
    yield step("nfs_readpage", file);
    const mount = this.#mount;
    const reading = function* (): Actor {
      end(yield* mount.directRead(file, block));
    };
    this.#context.engine.spawn("nfs_readpage", reading());
  }

  /** The request is allocated under i_mutex, and reclaim for it may swap out to this very file (D13). */
  *#setUp(file: FileHandle, label: string): Actor<boolean> {
    const mutex = this.#mutexes.get(file);
    if (mutex) yield* mutex.lock(label);
    const { memory } = this.#context;
    const isAllocated = memory ? yield* memory.allocate("nfs_direct_req", "GFP_KERNEL") : true;
    mutex?.unlock();
    return isAllocated;
  }
}
