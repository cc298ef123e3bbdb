import { type Actor, assert, JIFFY, sleep } from "../../engine/index.ts";
import type { ContentStore } from "../contents.ts";
import type { DeviceModel } from "../device-model.ts";
import { BlockHistory } from "../history.ts";
import type { Request } from "../request.ts";
import {
  type BackingFile,
  contentsOf,
  type StackContext,
  StackedDevice,
  type StackedKind,
} from "./stacked-device.ts";
import { Tags } from "./tags.ts";

/** Requests that the queue takes (LOOP_DEFAULT_HW_Q_DEPTH, drivers/block/loop.c, 6.1). */
const QUEUE_DEPTH = 128;
/** What one direct I/O through a filesystem allocates: iocb, iterator, mapping and bio (counted in 6.1's sources). */
const STRUCTURES = [
  "bvec array",
  "dio struct",
  "path",
  "extent map",
  "extent state",
  "ordered extent",
  "bio",
];

/**
 * A loop device with direct I/O (lo_rw_aio): one worker takes the requests in order, allocates what each needs and hands
 * it to the filesystem, where many are under way at once.
 */
class LoopDevice extends StackedDevice {
  readonly model: DeviceModel;
  readonly size: number;
  readonly contents: ContentStore;
  readonly history: BlockHistory = new BlockHistory();
  readonly #file: BackingFile;
  readonly #tags: Tags;

  constructor(context: StackContext, name: string, file: BackingFile) {
    super(context, name);
    this.#file = file;
    this.size = file.size;
    this.contents = file.contents;
    this.model = modelOver(file);
    this.#tags = new Tags(context.engine, `tags of ${name}`, QUEUE_DEPTH, () => this.inFlight);
    this.start();
  }

  waitForRoom(): Actor | undefined {
    return this.#tags.areTaken ? this.#tags.wait() : undefined;
  }

  override powerLoss(): void {
    this.#tags.abandon();
    super.powerLoss();
  }

  protected start(): void {
    const worker = this.context.engine.spawn(this.name, this.#worker(), { daemon: true });
    this.#tags.workers.push(worker);
  }

  /** loop_process_work. */
  *#worker(): Actor {
    const { engine, processors, memory, faults } = this.context;
    if (!faults.has("loopWorkerMayDoIo")) memory.forbidIo();
    for (;;) {
      const request = yield* this.next();
      yield* processors.run("loop_handle_cmd", this.costs.loopCommand);
      for (const site of STRUCTURES) {
        while (!(yield* memory.allocate(site, "GFP_KERNEL")))
          // The allocator of a small structure never gives up.
          yield sleep("should_reclaim_retry (loop)", JIFFY);
      }
      this.#tags.passedOn++;
      engine.spawn("lo_rw_aio", this.#transfer(request), { daemon: true });
    }
  }

  *#transfer(request: Request): Actor {
    const { operation, block, count } = request;
    let isDone = true;
    if (operation === "read") {
      const found = yield* this.#file.read(block, count);
      this.#end(request, found ? "ok" : "EIO", found);
      return;
    }
    if (operation === "write") isDone = yield* this.#file.write(block, contentsOf(request));
    else if (operation === "flush") yield* this.#file.flush();
    this.#end(request, isDone ? "ok" : "EIO");
  }

  #end(...ended: Parameters<StackedDevice["complete"]>): void {
    this.#tags.passedOn--;
    this.complete(...ended);
    this.#tags.free();
  }
}

/** The queue is all there is of it: times are those of the file below. */
function modelOver({ rotational }: BackingFile): DeviceModel {
  const { name, summary, source, parameters } = loop;
  return {
    name,
    summary,
    source,
    parameters,
    rotational,
    channels: 1,
    queueDepth: QUEUE_DEPTH,
    readLatency: 0,
    writeLatency: 0,
    readBandwidth: Number.MAX_SAFE_INTEGER,
    writeBandwidth: Number.MAX_SAFE_INTEGER,
    flushLatency: 0,
    discardLatency: 0,
    supportsDiscard: false,
    volatileCache: false,
  };
}

export const loop: StackedKind = {
  name: "loop",
  summary: "A file of the filesystem as a block device, with direct I/O; one worker passes requests on.",
  source: "drivers/block/loop.c, Linux 6.1; losetup --direct-io=on",
  parameters: {},
  over: "file",
  create(context, name, below) {
    assert(below.kind === "file", "a loop device lies over a file");
    return new LoopDevice(context, name, below.file);
  },
};
