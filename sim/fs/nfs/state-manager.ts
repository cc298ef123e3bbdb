import type { Gfp } from "../../block/index.ts";
import { type Actor, type Engine, type Holdable, type Process, WaitQueue } from "../../engine/index.ts";
import type { FsContext } from "../filesystem.ts";
import type { AllocationSite } from "../filesystem-memory.ts";
import type { NfsServer } from "./server.ts";

/**
 * The state of an NFSv4 client at its server. A server that has restarted knows nothing of it: all calls wait until the
 * state manager, a thread of the client, has told it again. (That the first call is sent and refused before is left out.)
 */
export class StateManager implements Holdable {
  readonly name = "the recovery of the state at the server";
  readonly #context: FsContext;
  readonly #engine: Engine;
  readonly #server: NfsServer;
  /** EXCHANGE_ID and what follows. */
  readonly #tell: () => Actor;
  readonly #recovered: WaitQueue;
  readonly #wanted: WaitQueue;
  /** Boot of the server that knows us. */
  #knownTo = 0;
  /** Who recovers, or makes the thread that shall. */
  #worker: Process | undefined;
  /** The thread that is kept. */
  #thread: Process | undefined;

  constructor(context: FsContext, server: NfsServer, tell: () => Actor) {
    this.#context = context;
    this.#engine = context.engine;
    this.#server = server;
    this.#tell = tell;
    this.#recovered = new WaitQueue(context.engine, "nfs4_wait_clnt_recover");
    this.#wanted = new WaitQueue(context.engine, "nfs4_run_state_manager");
  }

  holders(): readonly Process[] {
    return this.#worker ? [this.#worker] : [];
  }

  /**
   * While swap is on the thread is kept: to make one takes memory, which may have to come from this very server
   * (4dc73c679114, 5.18).
   */
  keep(): void {
    if (!this.#thread) this.#thread = this.#spawn("nfs4 state manager", this.#serve());
  }

  /** nfs4_wait_clnt_recover: returns once the server that is up knows the client. */
  *known(): Actor {
    while (this.#knownTo !== this.#server.boots) {
      if (!this.#worker) this.#schedule();
      yield this.#recovered.wait("nfs4_wait_clnt_recover", this);
    }
  }

  digest(): number {
    const isKnown = this.#knownTo === this.#server.boots;
    return (isKnown ? 1 : 2) + (this.#worker ? 4 : 0) + (this.#thread ? 8 : 0);
  }

  /** nfs4_schedule_state_manager. */
  #schedule(): void {
    this.#worker = this.#thread ?? this.#spawn("kthreadd", this.#createThread());
    this.#wanted.wakeAll();
  }

  /** kthread_run: the new thread's stack comes from the page allocator. */
  *#createThread(): Actor {
    yield* this.#allocate("kernel stack", "GFP_KERNEL");
    this.#worker = this.#spawn("nfs4 state manager", this.#recover());
  }

  *#serve(): Actor {
    for (;;) {
      if (this.#worker === this.#engine.current) yield* this.#recover();
      else yield this.#wanted.wait("nfs4_run_state_manager");
    }
  }

  /** nfs4_state_manager: GFP_NOFS throughout, since reclaim would write to a server that does not know us. */
  *#recover(): Actor {
    const { boots } = this.#server;
    yield* this.#allocate("nfs4_exchange_id", "GFP_NOFS");
    yield* this.#tell();
    this.#knownTo = boots;
    this.#worker = undefined;
    this.#recovered.wakeAll();
  }

  *#allocate(site: AllocationSite, gfp: Gfp): Actor {
    const { memory } = this.#context;
    if (memory) yield* memory.allocatePage(site, gfp);
  }

  #spawn(name: string, actor: Actor): Process {
    return this.#engine.spawn(name, actor, { daemon: true, inside: "filesystem" });
  }
}
