import { type Actor, assert, type Duration, MICROSECOND, WaitQueue } from "../../engine/index.ts";
import type { Bio } from "../bio.ts";
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
/** AES-XTS of 4 KiB at 1.5 to 3 GB/s, with the hop to a workqueue. An estimate: 2 to 5 us. */
const CIPHER_CPU: Duration = 3 * MICROSECOND;

/** Something ready for the device below. */
interface Clone {
  readonly bio: Bio;
  readonly request: Request;
  readonly pages: readonly PageHandle[];
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

  *#encrypt(request: Request, bio: Bio): Actor {
    const pages = yield* this.#pool.take(bio.count);
    yield* this.context.processors.run("crypt_convert (encrypt)", bio.count * CIPHER_CPU);
    this.#encrypted.push({ bio: cloneOf(bio), request, pages });
    this.#sendable.wakeAll();
  }

  /** dmcrypt_write. */
  *#sender(): Actor {
    for (;;) {
      const ready = this.#encrypted.splice(0);
      if (ready.length === 0) {
        yield this.#sendable.wait("wait for encrypted pages");
        continue;
      }
      const plug = new Plug();
      for (const { bio, request, pages } of ready) {
        bio.end = (ended) => {
          this.#pool.give(pages);
          this.complete(request, ended.status);
        };
        this.#below.submit(bio, plug);
      }
      plug.flush();
    }
  }

  #read(request: Request, bio: Bio): void {
    const clone = cloneOf(bio);
    clone.end = () => this.context.engine.spawn("kcryptd (read)", this.#decrypt(request, clone), DAEMON);
    this.#below.submit(clone);
  }

  *#decrypt(request: Request, clone: Bio): Actor {
    yield* this.context.processors.run("crypt_convert (decrypt)", clone.count * CIPHER_CPU);
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
