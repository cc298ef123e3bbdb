import {
  type Accesses,
  AccessLog,
  type Actor,
  assert,
  delay,
  type Engine,
  type Instant,
  type Pages,
  type Process,
  park,
} from "../engine/index.ts";
import { type Bio, type BioStatus, createPayload } from "./bio.ts";
import type { BlockDevice, BlockStats } from "./block-device.ts";
import { BlockContents } from "./contents.ts";
import { type DeviceFaultRates, DeviceFaults } from "./device-faults.ts";
import type { DeviceModel } from "./device-model.ts";
import { BlockHistory, HistoryVerb } from "./history.ts";
import type { Plug, PlugTarget } from "./plug.ts";
import { Request } from "./request.ts";
import { RequestThrottle } from "./request-throttle.ts";
import { AccessTime, transferTime } from "./service-time.ts";
import { countRequest, zeroStats } from "./stats.ts";
import { TransferBus } from "./transfer-bus.ts";
import { WriteCache } from "./write-cache.ts";

/** What an explorer calls the queue of a device, so that it is no channel's number: a process has a lower one. */
const QUEUE = 2 ** 20;

/** Requests of one kind, or any. */
export type FailingRequests = "any" | "read" | "write";

export interface DeviceOptions {
  readonly name: string;
  readonly model: DeviceModel;
  readonly size: Pages;
  /** Remembers what a power loss would take away; costs memory per unflushed block. */
  readonly trackDurability?: boolean;
  /** Requests a second at most, bursts aside; left out: as many as it can. */
  readonly requestsPerSecond?: number;
  /** An explorer may let such requests end with EIO. */
  readonly failsByChoice?: FailingRequests;
  /** Left out: nothing ever goes wrong. */
  readonly faults?: DeviceFaultRates;
}

/** What serves one request at a time inside a device. */
interface Channel {
  process: Process | undefined;
  /** What it works on: taken from the queue, or handed over while it was idle, and it is woken when that is due to end. */
  request: Request | undefined;
}

/**
 * A device made of its data sheet: a queue in order of arrival, and channels that each serve one request at a time.
 * The access phase runs in parallel over the channels; transfers share one bus. A request is one event, its end.
 */
export class SimulatedDevice implements BlockDevice, PlugTarget {
  readonly name: string;
  readonly size: Pages;
  readonly model: DeviceModel;
  readonly contents: BlockContents = new BlockContents();
  readonly history: BlockHistory = new BlockHistory();
  readonly stats: BlockStats = zeroStats();
  /** The device is gone: every request ends with EIO. */
  failed = false;
  /** Errors and delays by chance, if there are any. */
  readonly faults: DeviceFaults | undefined;
  readonly #engine: Engine;
  readonly #index: number;
  readonly #access: AccessTime;
  readonly #cache: WriteCache | undefined;
  readonly #failsByChoice: FailingRequests | undefined;
  readonly #throttle: RequestThrottle | undefined;
  readonly #bus = new TransferBus();
  /** Requests that the medium works on, if something may go wrong with them. */
  readonly #inService = new Set<Request>();
  readonly #idle: Channel[] = [];
  #queue: Request[] = [];
  #queueHead = 0;
  /** Something has been in the queue since a channel found it empty. */
  #wasQueued = false;
  #inFlight = 0;
  #busySince: Instant = 0;

  constructor(engine: Engine, options: DeviceOptions) {
    assert(options.size > 0, "a device has at least one block");
    this.#engine = engine;
    this.#index = engine.newIndex();
    this.name = options.name;
    this.size = options.size;
    this.model = options.model;
    this.#access = new AccessTime(this.model, this.size, engine.random.named(`block/${this.name}`));
    const isVolatile = this.model.volatileCache && options.trackDurability === true;
    this.#cache = isVolatile ? new WriteCache(this.contents) : undefined;
    const { requestsPerSecond } = options;
    this.#throttle = requestsPerSecond === undefined ? undefined : new RequestThrottle(requestsPerSecond);
    this.#failsByChoice = options.failsByChoice;
    const { faults } = options;
    this.faults = faults && new DeviceFaults(faults, engine.random.named(`block/${this.name}/faults`));
    this.#startChannels();
  }

  #startChannels(): void {
    const channels = Math.min(this.model.channels, this.model.queueDepth);
    for (let channel = 0; channel < channels; channel++) {
      this.#startChannel(channel);
    }
  }

  #startChannel(number: number): void {
    const channel: Channel = { process: undefined, request: undefined };
    channel.process = this.#engine.spawn(`${this.name}/${number}`, this.#serve(channel), {
      daemon: true,
      forgetful: true,
      willTouch: () => this.#blocksOf(channel.request ? [channel.request] : []),
    });
  }

  /** What the end of requests touches. */
  #blocksOf(requests: readonly Request[]): Accesses {
    const log = new AccessLog();
    for (const { bios } of requests) for (const bio of bios) this.#noteBlocks(log, bio);
    return log.take();
  }

  #noteBlocks(log: AccessLog, bio: Bio): void {
    if (bio.count > 0) log.noteBlocks(this.#index, bio.block, bio.count, bio.operation !== "read");
  }

  submit(bio: Bio, plug?: Plug): void {
    assert(bio.block >= 0 && bio.block + bio.count <= this.size, "a bio lies on its device");
    if (plug) plug.add(this, bio);
    else this.enqueue(new Request(bio));
  }

  performNow(bio: Bio): void {
    assert(this.model.synchronousIo === true, "only a device without a queue does I/O in its caller's step");
    const request = new Request(bio);
    this.#inFlight++;
    this.#complete(request);
  }

  *submitAndWait(bio: Bio, label: string): Actor<BioStatus> {
    this.submit(bio);
    if (!bio.done) yield bio.wait(this.#engine, label);
    return bio.status;
  }

  enqueue(request: Request): void {
    if (this.#inFlight++ === 0) this.#busySince = this.#engine.now;
    const channel = this.#idle.pop();
    if (!channel) {
      this.#engine.touch("request", QUEUE + this.#index, true);
      this.#wasQueued = true;
      this.#queue.push(request);
      return;
    }
    channel.request = request;
    this.#begin(request);
    this.#engine.wakeAfter(channel.process!, request.operation, request.endsAt - this.#engine.now);
  }

  noteMerge(bio: Bio): void {
    if (bio.operation === "read") this.stats.readMerges++;
    else this.stats.writeMerges++;
  }

  /**
   * Cuts the power: requests that had not ended never were, and what was written since the last flush is gone (needs
   * `trackDurability`). Whoever calls has killed the channels with everybody else; new ones start.
   */
  powerLoss(): void {
    this.#queue = [];
    this.#queueHead = 0;
    this.#idle.length = 0;
    this.#bus.abandon();
    if (this.#inFlight > 0) this.stats.busy += this.#engine.now - this.#busySince;
    this.#inFlight = 0;
    this.#cache?.powerLoss();
    for (const request of this.#inService) this.#tear(request);
    this.#inService.clear();
    this.#startChannels();
  }

  /** The power fails while the medium is being written: it ends somewhere, between two blocks. */
  #tear({ operation, count, bios }: Request): void {
    if (operation !== "write") return;
    let left = this.faults?.tornBlocks(count) ?? 0;
    for (const bio of bios) {
      for (let offset = 0; offset < bio.count && left > 0; offset++, left--) {
        const { generation, owner, index } = bio.contentAt(offset);
        this.contents.write(bio.block + offset, generation, owner, index);
      }
    }
  }

  /** One channel of the device. */
  *#serve(channel: Channel): Actor {
    for (;;) {
      let request = this.#next();
      channel.request = request;
      if (request) {
        this.#begin(request);
        yield delay(request.operation, request.endsAt - this.#engine.now);
      } else {
        this.#idle.push(channel);
        yield park("wait for a request");
        request = channel.request!;
      }
      while (request.alarmAt !== request.endsAt) {
        const rest = request.endsAt - request.alarmAt;
        request.alarmAt = request.endsAt;
        yield delay("wait for the bus", rest);
      }
      this.#bus.leave(request);
      this.#complete(request);
    }
  }

  /** The request is in a channel: its end is known, as long as nobody gets ahead of it on the bus. */
  #begin(request: Request): void {
    if (this.faults) this.#inService.add(request);
    const held = (this.#throttle?.delay(this.#engine.now) ?? 0) + (this.faults?.delay() ?? 0);
    const readyAt = this.#engine.now + held + this.#access.before(request);
    this.#bus.join(request, readyAt, transferTime(this.model, request));
    request.alarmAt = request.endsAt;
  }

  /** The oldest waiting request; with a chooser any of them may be served first. */
  #next(): Request | undefined {
    const waiting = this.#queue.length - this.#queueHead;
    if (this.#wasQueued) this.#engine.touch("request", QUEUE + this.#index, true);
    this.#wasQueued = waiting > 0;
    if (waiting === 0) return undefined;
    const choice = waiting === 1 || !this.#engine.exploring ? 0 : this.#choose(waiting);
    const at = this.#queueHead + choice;
    const request = this.#queue[at]!;
    if (choice > 0) this.#queue.splice(at, 1);
    else if (++this.#queueHead === this.#queue.length || this.#queueHead > 1024) this.#compact();
    return request;
  }

  #choose(waiting: number): number {
    const touches = (): Accesses => this.#blocksOf(this.#queue.slice(this.#queueHead));
    return this.#engine.choose("which request is served next", waiting, touches);
  }

  #compact(): void {
    this.#queue = this.#queue.slice(this.#queueHead);
    this.#queueHead = 0;
  }

  #complete(request: Request): void {
    if (this.faults) this.#inService.delete(request);
    countRequest(this.stats, request);
    if (--this.#inFlight === 0) this.stats.busy += this.#engine.now - this.#busySince;
    const failed =
      this.failed || this.faults?.fails(request.operation) === true || this.#isChosenToFail(request);
    if (!failed) for (const bio of request.bios) this.#transfer(bio);
    request.complete(this.#engine, failed ? "EIO" : "ok");
  }

  #isChosenToFail({ operation }: Request): boolean {
    const which = this.#failsByChoice;
    if (!this.#engine.exploring || (which !== "any" && which !== operation)) return false;
    return this.#engine.choose(`does this ${operation} of ${this.name} fail`, 2) === 1;
  }

  #transfer(bio: Bio): void {
    if (this.#engine.accesses) this.#noteBlocks(this.#engine.accesses, bio);
    switch (bio.operation) {
      case "read":
        this.#read(bio);
        return;
      case "write":
        this.#write(bio);
        return;
      case "discard":
        this.#discard(bio);
        return;
      case "flush":
        this.#cache?.flush();
    }
  }

  #read(bio: Bio): void {
    if (bio.count === 1) {
      const { generation, owner, index } = this.contents.at(bio.block);
      bio.generation = generation;
      bio.owner = owner;
      bio.index = index;
      return;
    }
    const payload = createPayload(bio.count);
    for (let offset = 0; offset < bio.count; offset++) {
      const { generation, owner, index } = this.contents.at(bio.block + offset);
      payload.generation[offset] = generation;
      payload.owner[offset] = owner;
      payload.index[offset] = index;
    }
    bio.payload = payload;
  }

  #write(bio: Bio): void {
    for (let offset = 0; offset < bio.count; offset++) {
      const { generation, owner, index } = bio.contentAt(offset);
      this.#cache?.beforeWrite(bio.block + offset);
      this.contents.write(bio.block + offset, generation, owner, index);
    }
  }

  #discard(bio: Bio): void {
    this.contents.discard(bio.block, bio.count);
    this.history.note(this.#engine.now, HistoryVerb.Discarded, bio.block, bio.count, 0, 0);
  }
}

/** A device of a machine. */
export function createBlockDevice(engine: Engine, options: DeviceOptions): SimulatedDevice {
  return new SimulatedDevice(engine, options);
}
