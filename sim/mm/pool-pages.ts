import type { PagePort } from "../swap/index.ts";
import { type FrameId, NO_FRAME } from "./frame-table.ts";
import type { MemoryManager } from "./memory-manager.ts";
import { Mobility } from "./zones/zone.ts";

/** Frames of the machine for a pool of compressed pages. Whoever stores there is reclaiming: it may use the reserves. */
export class PoolPages implements PagePort {
  readonly #mm: MemoryManager;
  readonly #frames: FrameId[] = [];

  constructor(mm: MemoryManager) {
    this.#mm = mm;
  }

  take(): boolean {
    const frame = this.#mm.zones.take("none", Mobility.Unmovable);
    if (frame === NO_FRAME) return false;
    this.#mm.vm.pgalloc++;
    this.#frames.push(frame);
    return true;
  }

  give(): void {
    this.#mm.vm.pgfree++;
    this.#mm.zones.release(this.#frames.pop()!);
  }
}
