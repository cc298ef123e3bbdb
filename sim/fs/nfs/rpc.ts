import { type Actor, type Bytes, type Duration, Mutex, Semaphore } from "../../engine/index.ts";
import { usualFsCosts } from "../costs.ts";
import type { FsContext } from "../filesystem.ts";
import type { Network } from "./network.ts";
import type { NfsServer } from "./server.ts";
import type { StateManager } from "./state-manager.ts";

/** Calls under way at once (the usual size of the TCP slot table of a server that grants no more). */
const SLOTS = 64;
/** Headers of a call or a reply. An estimate. */
const HEADER: Bytes = 200;

export interface Call<Result> {
  /** Payload to the server and back. */
  readonly out: Bytes;
  readonly in: Bytes;
  readonly serve: () => Actor<Result>;
  /** It tells the server our state, so it does not wait until the server knows it. */
  readonly isRecovery?: boolean;
}

/** The client's side of the connection: sunrpc over TCP with a transport in swap mode. */
export class RpcClient {
  readonly #context: FsContext;
  readonly #network: Network;
  readonly #server: NfsServer;
  /** A soft mount gives up after this time without a reply; a hard one never does. */
  readonly #patience: Duration | undefined;
  readonly #slots: Semaphore;
  /** The one worker that carries asynchronous calls when there is no memory for another one. */
  readonly #rpciod: Mutex;
  /** What an NFSv4 client has to tell a server that has restarted; undefined for NFSv3, which keeps no state. */
  state: StateManager | undefined;

  constructor(context: FsContext, network: Network, server: NfsServer, patience: Duration | undefined) {
    this.#context = context;
    this.#network = network;
    this.#server = server;
    this.#patience = patience;
    this.#slots = new Semaphore(context.engine, "rpc slots", SLOTS);
    this.#rpciod = new Mutex(context.engine, "rpciod");
  }

  /** One call, repeated until the server has answered it; undefined if a soft mount gave up. */
  *call<Result>(call: Call<Result>): Actor<Result | undefined> {
    yield* this.#slots.acquire("xprt_reserve");
    yield* this.#allocateBuffer();
    const { processors, costs = usualFsCosts } = this.#context;
    yield* processors.run("rpc_execute", costs.nfsCall);
    const result = yield* this.#untilAnswered(call);
    this.#slots.release();
    return result;
  }

  /**
   * call_allocate: the worker takes what there is, of a pool of its own if need be, and never sleeps for memory: calls
   * that would give memory back stand in its queue (5.18).
   */
  *#allocateBuffer(): Actor {
    const { memory, faults } = this.#context;
    if (!memory || faults?.has("rpcWaitsForMemory") !== true) return;
    yield* this.#rpciod.lock("rpciod (call_allocate)");
    yield* memory.allocatePage("rpc buffer", "GFP_NOFS");
    this.#rpciod.unlock();
  }

  *#untilAnswered<Result>({ out, in: back, serve, isRecovery }: Call<Result>): Actor<Result | undefined> {
    const server = this.#server;
    for (;;) {
      if (server.isUp) {
        if (this.state && !isRecovery) yield* this.state.known();
        const { boots } = server;
        yield* this.#network.carry("out", HEADER + out);
        const answer = server.boots === boots ? yield* serve() : undefined;
        if (server.boots === boots) {
          yield* this.#network.carry("in", HEADER + back);
          return answer;
        }
      }
      if (server.isUp) continue;
      this.#context.log("nfs: server not responding, still trying");
      if (!(yield* this.#connected())) return undefined;
    }
  }

  /** The connection is back, or a soft mount has lost patience: false. */
  *#connected(): Actor<boolean> {
    const { back } = this.#server;
    if (this.#patience !== undefined) return yield* back.waitFor("xprt_connect (soft)", this.#patience);
    yield back.wait("xprt_connect (hard)");
    return true;
  }
}
