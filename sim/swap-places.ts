import type { Pages } from "./engine/index.ts";
import type { DeviceBlock, FileHandle, Filesystem } from "./fs/index.ts";

/** Pieces of each file that are looked at. */
const PIECES = 1024;

interface Piece {
  readonly file: FileHandle;
  readonly block: Pages;
  readonly place: DeviceBlock | undefined;
}

/** Where files lay when this was made, piece by piece; tells later how much of them lies elsewhere. */
export class SwapPlaces {
  readonly #fs: Filesystem;
  readonly #pieces: readonly Piece[];

  constructor(fs: Filesystem, files: readonly FileHandle[]) {
    this.#fs = fs;
    this.#pieces = files.flatMap((file) => {
      const stride = Math.max(1, Math.floor(file.size / PIECES));
      return Array.from({ length: Math.ceil(file.size / stride) }, (_, piece) => {
        const block = piece * stride;
        return { file, block, place: fs.bmap(file, block) };
      });
    });
  }

  /** Share of the pieces, 0 to 1, that lie elsewhere by now, or nowhere; 0 if there are none. */
  get moved(): number {
    const moved = this.#pieces.filter(({ file, block, place }) => {
      const now = this.#fs.bmap(file, block);
      return now?.device !== place?.device || now?.block !== place?.block;
    });
    return moved.length / Math.max(1, this.#pieces.length);
  }
}
