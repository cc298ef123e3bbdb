import { type Actor, type Engine, type Pages, step } from "../engine/index.ts";
import type { Errno } from "../fs/index.ts";
import { SwapArea, type SwapFile } from "./swap-area.ts";
import type { SwapSpace } from "./swap-space.ts";
import type { SwapTransport } from "./transport.ts";

/** The header page as mkswap writes it. */
export interface SwapHeader {
  readonly signature: "SWAPSPACE2" | "missing";
  readonly version: number;
  /** Number of the last usable page. */
  readonly lastPage: number;
  readonly badPages: readonly number[];
}

/** What mkswap writes on a target of `pages` pages. */
export function makeSwap(pages: Pages): SwapHeader {
  return { signature: "SWAPSPACE2", version: 1, lastPage: pages - 1, badPages: [] };
}

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
}

export type SwaponResult =
  | { readonly errno: Errno; readonly message: string }
  | { readonly errno: undefined; readonly area: SwapArea; readonly message: string };

/** The automatic priority below those given so far; the first one is -2 in 6.1 (least_priority). */
function automaticPriority(space: SwapSpace): number {
  return Math.min(space.rules.firstPriority + 1, ...space.areas.map((area) => area.priority)) - 1;
}

/** read_swap_header: what is wrong with the header, or how many slots it stands for. */
export function readSwapHeader(
  request: SwaponRequest,
): Extract<SwaponResult, { message: string; errno: Errno }> | Pages {
  const { header, targetPages } = request;
  const refuse = (message: string): { errno: Errno; message: string } => ({ errno: "EINVAL", message });
  if (header.signature !== "SWAPSPACE2") return refuse("Unable to find swap-space signature");
  if (header.version !== 1) return refuse(`Unable to handle swap header version ${header.version}`);
  if (header.lastPage < 1) return refuse("Empty swap-file");
  const slots = header.lastPage + 1;
  if (slots > targetPages) return refuse("Swap area shorter than signature indicates");
  if (header.badPages.length > 0 && request.file) return refuse("bad pages on a regular file");
  return slots;
}

/** swapon(2) after the open: header, the transport's activation, the area is enabled. */
export function* swapon(engine: Engine, space: SwapSpace, request: SwaponRequest): Actor<SwaponResult> {
  yield step("swapon", space);
  const slots = readSwapHeader(request);
  if (typeof slots !== "number") return slots;
  const activation = yield* request.transport.activate(slots);
  if (activation.errno !== undefined) return activation;
  if (activation.pages < 2) return { errno: "EINVAL", message: "Empty swap-file" };
  const area = new SwapArea({
    name: request.name,
    priority: request.priority ?? automaticPriority(space),
    base: space.reserveBase(activation.pages),
    slots: activation.pages,
    transport: request.transport,
    ...(request.file ? { file: request.file } : {}),
    engine,
  });
  markBadPages(area, request.header.badPages);
  area.setSwapFile(true);
  space.addArea(area);
  if (request.transport.enabled) yield* request.transport.enabled();
  return {
    errno: undefined,
    area,
    message: swaponLine(area, activation.extents, activation.span, request.discard),
  };
}

function markBadPages(area: SwapArea, badPages: readonly number[]): void {
  for (const slot of badPages) {
    if (slot >= area.slots) continue;
    area.map.bytes[slot] = 0x3f;
    area.map.inuse++;
  }
}

/** How the line tells of discards: D, then s for the area at swapon, c for freed pages. */
const DISCARD_LETTERS: Readonly<Record<string, string>> = { all: "Dsc", once: "Ds", pages: "Dc" };

/** The line the kernel prints when an area is enabled. */
function swaponLine(area: SwapArea, extents: number, span: Pages, discard: string | undefined): string {
  const size = area.map.usable * 4;
  const medium = area.transport.solidState ? "SS" : "";
  return `Adding ${size}k swap on ${area.name}.  Priority:${area.priority} extents:${extents} across:${span * 4}k ${medium}${DISCARD_LETTERS[discard ?? ""] ?? ""}FS`;
}
