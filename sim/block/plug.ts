import type { Pages } from "../engine/index.ts";
import type { Bio } from "./bio.ts";
import { Request } from "./request.ts";

/** Requests a plug holds before a new one sends them (blk_plug_max_rq_count, one queue, 6.1). */
const PLUG_MAX_REQUESTS = 32;
/** A last request of this length sends the plug when a new one is opened (BLK_PLUG_FLUSH_SIZE, 128 KiB, 6.1). */
const PLUG_FLUSH_PAGES: Pages = 32;
/** Longest merged request (max_sectors_kb 1280, the default of 6.1). */
export const REQUEST_MAX_PAGES: Pages = 320;

/** Where a plugged request goes when the plug is flushed. */
export interface PlugTarget {
  enqueue(request: Request): void;
  noteMerge(bio: Bio): void;
}

/**
 * Requests of one submitter, held back so that neighbours can merge (struct blk_plug). A bio is tried only against the
 * most recent request of its device. Plugs do not nest: whoever is called under a plug is handed that plug.
 */
export class Plug {
  #gathering: { send(): void }[] = [];
  #requests: { readonly target: PlugTarget; readonly request: Request }[] = [];

  /** Something above the block layer gathers pages under this plug; it is sent when the plug is flushed. */
  hold(gathering: { send(): void }): void {
    this.#gathering.push(gathering);
  }

  /** Takes a bio; sends everything held first when the plug is full. */
  add(target: PlugTarget, bio: Bio): void {
    const last = this.#requests.at(-1);
    if (last && last.target === target && isMergeable(bio) && last.request.tryMerge(bio, REQUEST_MAX_PAGES)) {
      target.noteMerge(bio);
      return;
    }
    if (this.#requests.length >= PLUG_MAX_REQUESTS || (last && last.request.count >= PLUG_FLUSH_PAGES))
      this.flush();
    this.#requests.push({ target, request: new Request(bio) });
  }

  /** blk_finish_plug: sends everything held, the last request first, as the kernel's list has it (blk_add_rq_to_plug, 6.1). */
  flush(): void {
    if (this.#gathering.length > 0) for (const gathering of this.#gathering.splice(0)) gathering.send();
    if (this.#requests.length === 0) return;
    const requests = this.#requests;
    this.#requests = [];
    for (let index = requests.length - 1; index >= 0; index--) {
      const { target, request } = requests[index]!;
      target.enqueue(request);
    }
  }
}

function isMergeable(bio: Bio): boolean {
  return bio.operation === "read" || bio.operation === "write";
}
