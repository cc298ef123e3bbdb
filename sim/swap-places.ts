import type { BlockDevice } from "./block/index.ts";
import type { Pages } from "./engine/index.ts";
import type { FileHandle, Filesystem } from "./fs/index.ts";
import type { SwapArea } from "./swap/index.ts";

/** Blocks of each file that are looked at, at most: every one of a file of up to 1 GiB, evenly spread ones of a longer one. */
const LOOKED_AT = 2 ** 18;
/** A device has fewer blocks, so that device and block make one exact number. */
const DEVICE_BLOCKS = 2 ** 44;
const HOLE = -1;

/** What of a machine says where swap writes. */
interface SwapView {
  readonly filesystem: Filesystem | undefined;
  readonly swap: { readonly areas: readonly Pick<SwapArea, "name" | "slots" | "transport">[] };
}

/**
 * Share of the slots of areas on files, 0 to 1, that swap would write to blocks which are no longer the file's: the damage
 * that has not happened yet. Null without such an area.
 */
export function staleShare({ filesystem, swap }: SwapView): number | null {
  let all = 0;
  let stale = 0;
  for (const { name, slots, transport } of swap.areas) {
    const file = filesystem?.lookup(name);
    const stride = Math.max(1, Math.ceil(slots / LOOKED_AT));
    for (let slot = 1; file && slot < slots; slot += stride) {
      const place = transport.placeOf(slot);
      if (!place) continue;
      all++;
      if (!filesystem!.holdersOf(place).some(({ owner }) => owner === file.owner)) stale++;
    }
  }
  return all === 0 ? null : stale / all;
}

interface FilePlaces {
  readonly file: FileHandle;
  readonly stride: Pages;
  /** Device and block of every `stride`th block. */
  readonly places: Float64Array;
}

/** Where files lay when this was made; tells later how much of them lies elsewhere. */
export class SwapPlaces {
  readonly #fs: Filesystem;
  readonly #devices: BlockDevice[] = [];
  readonly #files: readonly FilePlaces[];

  constructor(fs: Filesystem, files: readonly FileHandle[]) {
    this.#fs = fs;
    this.#files = files.map((file) => {
      const stride = Math.max(1, Math.ceil(file.size / LOOKED_AT));
      const places = new Float64Array(Math.ceil(file.size / stride));
      return { file, stride, places: places.map((_, at) => this.#placeOf(file, at * stride)) };
    });
  }

  /** Share of what was looked at, 0 to 1, that lies elsewhere by now, or nowhere; null if there was nothing. */
  moved(): number | null {
    let all = 0;
    let moved = 0;
    for (const { file, stride, places } of this.#files) {
      all += places.length;
      for (const [at, place] of places.entries()) if (this.#placeOf(file, at * stride) !== place) moved++;
    }
    return all === 0 ? null : moved / all;
  }

  #placeOf(file: FileHandle, block: Pages): number {
    const place = this.#fs.bmap(file, block);
    if (!place) return HOLE;
    let device = this.#devices.indexOf(place.device);
    if (device < 0) device = this.#devices.push(place.device) - 1;
    return device * DEVICE_BLOCKS + place.block;
  }
}
