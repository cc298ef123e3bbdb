import type { BlockDevice } from "../block/index.ts";
import { type Actor, type Engine, type FailSlab, type Pages, step } from "../engine/index.ts";
import type { Errno } from "../fs/index.ts";
import { SLOT_BAD, toUnsigned } from "./slots/swap-map.ts";
import { SwapArea, type SwapFile } from "./swap-area.ts";
import { readSwapHeader, type SwapHeader } from "./swap-header.ts";
import type { SwapSpace } from "./swap-space.ts";
import type { SwapTransport } from "./transport.ts";

export interface SwaponRequest {
  readonly name: string;
  readonly header: SwapHeader;
  /** Size of the file or device. */
  readonly targetPages: Pages;
  /** The file, if it is one. */
  readonly file?: SwapFile;
  /** 0 .. 32767; left out: below all areas that have none. */
  readonly priority: number | undefined;
  /** SWAP_FLAG_DISCARD: all, or only once at swapon, or only freed pages; left out: none. */
  readonly discard?: string;
  readonly transport: SwapTransport;
  /** Lets an allocation fail on purpose; left out: none does. */
  readonly failslab?: FailSlab;
}

export type SwaponResult =
  | { readonly errno: Errno; readonly message: string }
  | { readonly errno: undefined; readonly area: SwapArea; readonly message: string };

/** The automatic priority below those given so far; the first one is -2 in 6.1 (least_priority). */
function automaticPriority(space: SwapSpace): number {
  return Math.min(space.rules.firstPriority + 1, ...space.areas.map((area) => area.priority)) - 1;
}

/** swapon(2) after the open: header, the transport's activation, the area is enabled. */
export function* swapon(engine: Engine, space: SwapSpace, request: SwaponRequest): Actor<SwaponResult> {
  yield step("swapon", space);
  // alloc_swap_info
  if (request.failslab?.fails()) return OUT_OF_MEMORY;
  const slots = yield* readSwapHeader(space, request);
  if (typeof slots !== "number") return slots;
  if (!hasTables(request)) return OUT_OF_MEMORY;
  const activation = yield* request.transport.activate(slots);
  if (activation.errno !== undefined) return activation;
  const refused = refuseActivation(activation.pages, request.failslab);
  if (refused) {
    request.transport.deactivate();
    return refused;
  }
  const area = new SwapArea({
    name: request.name,
    priority: request.priority ?? automaticPriority(space),
    base: space.reserveBase(activation.pages),
    slots: activation.pages,
    promised: slots,
    transport: request.transport,
    solidState: isSolidState(space, request.transport, activation.device),
    device: activation.device,
    ...(request.file ? { file: request.file } : {}),
    engine,
  });
  markBadPages(area, request.header.badPages);
  // Today the file is marked before the area can be used; a transport with an end of its own does it there (L12).
  if (!request.transport.enabled) area.setSwapFile(true);
  space.addArea(area);
  if (request.transport.enabled) yield* request.transport.enabled();
  return {
    errno: undefined,
    area,
    message: swaponLine(area, activation.extents, activation.span, request.discard),
  };
}

const EMPTY = { errno: "EINVAL", message: "Empty swap-file" } as const;
const OUT_OF_MEMORY = { errno: "ENOMEM", message: "out of memory" } as const;

/** The swap map and, for an area filled by clusters, cluster_next_cpu, cluster_info and percpu_cluster. */
function hasTables({ transport, failslab }: SwaponRequest): boolean {
  const tables = transport.solidState ? 4 : 1;
  for (let table = 0; table < tables; table++) if (failslab?.fails()) return false;
  return true;
}

/** What may still go wrong after the activation, which is then undone: setup_swap_map, then init_swap_address_space. */
function refuseActivation(pages: Pages, failslab: FailSlab | undefined) {
  // p->pages is unsigned: an activation that maps nothing must refuse by itself (KB-14).
  if (toUnsigned(pages - 1) === 0) return EMPTY;
  return failslab?.fails() ? OUT_OF_MEMORY : undefined;
}

/** Whether slots are handed out by clusters. Early, the answer rests on what is known before the activation. */
function isSolidState(space: SwapSpace, transport: SwapTransport, device: BlockDevice | undefined): boolean {
  if (space.rules.asksRotationalEarly || !device) return transport.solidState;
  return !device.model.rotational;
}

function markBadPages(area: SwapArea, badPages: readonly number[]): void {
  for (const slot of badPages) {
    if (slot >= area.slots) continue;
    area.map.bytes[slot] = SLOT_BAD;
    area.map.inuse++;
  }
}

/** How the line tells of discards: D, then s for the area at swapon, c for freed pages. */
const DISCARD_LETTERS: Readonly<Record<string, string>> = { all: "Dsc", once: "Ds", pages: "Dc" };

/** The line the kernel prints when an area is enabled. */
function swaponLine(area: SwapArea, extents: number, span: Pages, discard: string | undefined): string {
  const size = area.map.usable * 4;
  const medium = area.solidState ? "SS" : "";
  return `Adding ${size}k swap on ${area.name}.  Priority:${area.priority} extents:${extents} across:${span * 4}k ${medium}${DISCARD_LETTERS[discard ?? ""] ?? ""}FS`;
}
