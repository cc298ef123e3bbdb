import { type Actor, assert, WaitQueue } from "../../engine/index.ts";
import type { Bio, BioStatus } from "../bio.ts";
import type { BlockDevice } from "../block-device.ts";
import type { PageHandle } from "../block-memory.ts";
import type { ContentStore } from "../contents.ts";
import type { DeviceModel } from "../device-model.ts";
import type { BlockHistory } from "../history.ts";
import { Plug } from "../plug.ts";
import { Request } from "../request.ts";
import { CipherPool } from "./cipher-pool.ts";
import { cloneOf, type StackContext, StackedDevice, type StackedKind } from "./stacked-device.ts";

/** Pages that a device sets aside for its writes (BIO_MAX_VECS, drivers/md/dm-crypt.c, 6.1). */
const RESERVE = 256;

/** Largest number of requests that a queue of the kernel takes by itself (BLKDEV_DEFAULT_RQ, 6.1). */
const DEFAULT_REQUESTS = 128;

/** Part of a write that is ready for the device below. */
interface Clone {
  readonly bio: Bio;
  readonly pages: readonly PageHandle[];
  readonly ended: (status: BioStatus) => void;
}

/** Clones that follow each other on the device below: they become one request there. */
interface Run {
  left: number;
}

/**
 * dm-crypt: each page that is written needs another one for its cipher text. Workers (kcryptd, one a CPU) encrypt and
 * decrypt; a thread (dmcrypt_write) sends what is encrypted, in one plug. Reads go down at once.
 */
class CryptDevice extends StackedDevice {
  readonly model: DeviceModel;
  readonly size: number;
  readonly contents: ContentStore;
  readonly history: BlockHistory;
  readonly #below: BlockDevice;
  readonly #pool: CipherPool;
  #encrypted: Clone[] = [];
  readonly #sendable: WaitQueue;
  /** Requests of the sender that have not ended below, and how many may be under way. */
  #sent = 0;
  readonly #sentMax: number;

  constructor(context: StackContext, name: string, below: BlockDevice) {
    super(context, name);
    const { engine, memory, faults } = context;
    this.#below = below;
    this.size = below.size;
    this.contents = below.contents;
    this.history = below.history;
    // Discards are not passed on unless allow_discards is given.
    this.model = { ...below.model, name: dmCrypt.name, supportsDiscard: false };
    this.#pool = new CipherPool(engine, `page_pool of ${name}`, memory, RESERVE, {
      piecemeal: faults.has("cryptTakesPiecemeal"),
      drainsReserves: faults.has("cryptDrainsReserves"),
    });
    this.#sentMax = 2 * Math.min(below.model.queueDepth, DEFAULT_REQUESTS);
    this.#sendable = new WaitQueue(engine, `dmcrypt_write of ${name}`);
    this.start();
  }

  /** A mapped device takes bios, not requests: nothing merges before it. */
  override submit(bio: Bio): void {
    assert(bio.block >= 0 && bio.block + bio.count <= this.size, "a bio lies on its device");
    this.enqueue(new Request(bio));
  }

  override powerLoss(): void {
    this.#encrypted = [];
    this.#sent = 0;
    this.#pool.abandon();
    this.#sendable.abandon();
    super.powerLoss();
  }

  protected start(): void {
    const { engine, processors } = this.context;
    for (let cpu = 0; cpu < processors.count; cpu++) {
      engine.spawn(`kcryptd/${this.name}`, this.#worker(), { daemon: true });
    }
    engine.spawn(`dmcrypt_write/${this.name}`, this.#sender(), { daemon: true });
  }

  /** kcryptd_crypt. */
  *#worker(): Actor {
    this.#pool.fill();
    for (;;) {
      const request = yield* this.next();
      const [bio] = request.bios;
      assert(bio !== undefined, "a request has a bio");
      if (bio.operation === "write") yield* this.#encrypt(request, bio);
      else if (bio.operation === "read") this.#read(request, bio);
      else this.#passOn(request, bio);
    }
  }

  /** A bio for which the reserve would not do is split (dm_accept_partial_bio). */
  *#encrypt(request: Request, bio: Bio): Actor {
    let left = Math.ceil(bio.count / RESERVE);
    let worst: BioStatus = "ok";
    const ended = (status: BioStatus): void => {
      if (status !== "ok") worst = status;
      if (--left === 0) this.complete(request, worst);
    };
    for (let first = 0; first < bio.count; first += RESERVE) {
      const count = Math.min(RESERVE, bio.count - first);
      const pages = yield* this.#pool.take(count);
      yield* this.context.processors.run("crypt_convert (encrypt)", count * this.costs.cipherPage);
      this.#encrypted.push({ bio: cloneOf(bio, first, count), pages, ended });
      this.#sendable.wakeAll();
    }
  }

  /** dmcrypt_write: while the queue below is full (blk_mq_get_tag), pages gather here and are then sent in order. */
  *#sender(): Actor {
    for (;;) {
      if (this.#encrypted.length === 0 || this.#sent >= this.#sentMax) {
        yield this.#sendable.wait("dmcrypt_write");
        continue;
      }
      const plug = new Plug();
      let run: Run | undefined;
      let end = -1;
      for (const clone of this.#encrypted.splice(0).toSorted((a, b) => a.bio.block - b.bio.block)) {
        if (!run || clone.bio.block !== end) {
          run = { left: 0 };
          this.#sent++;
        }
        end = clone.bio.block + clone.bio.count;
        this.#send(clone, run, plug);
      }
      plug.flush();
    }
  }

  #send({ bio, pages, ended }: Clone, run: Run, plug: Plug): void {
    run.left++;
    bio.end = ({ status }) => {
      this.#pool.give(pages);
      ended(status);
      if (--run.left > 0) return;
      this.#sent--;
      this.#sendable.wakeAll();
    };
    this.#below.submit(bio, plug);
  }

  #read(request: Request, bio: Bio): void {
    const clone = cloneOf(bio);
    clone.end = () => this.context.engine.spawn("kcryptd (read)", this.#decrypt(request, clone), DAEMON);
    this.#below.submit(clone);
  }

  *#decrypt(request: Request, clone: Bio): Actor {
    yield* this.context.processors.run("crypt_convert (decrypt)", clone.count * this.costs.cipherPage);
    const contents = Array.from({ length: clone.count }, (_, offset) => clone.contentAt(offset));
    this.complete(request, clone.status, contents);
  }

  #passOn(request: Request, bio: Bio): void {
    if (bio.operation === "discard") {
      this.complete(request, "ok");
      return;
    }
    const clone = cloneOf(bio);
    clone.end = ({ status }) => this.complete(request, status);
    this.#below.submit(clone);
  }
}

const DAEMON = { daemon: true } as const;

export const dmCrypt: StackedKind = {
  name: "dm-crypt",
  summary: "An encrypted device over another one: each page written needs a page for its cipher text.",
  source: "drivers/md/dm-crypt.c, Linux 6.1",
  parameters: {},
  over: "device",
  create(context, name, below) {
    assert(below.kind === "device", "dm-crypt lies over a device");
    return new CryptDevice(context, name, below.device);
  },
};
