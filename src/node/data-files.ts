import { readFileSync } from "node:fs";
import { constants, gunzipSync } from "node:zlib";
import { explain } from "./files.ts";

/**
 * The text of a file that may be compressed (gzip, known by its first bytes), or why it cannot be read. Of a damaged
 * archive everything in front of the damage is given, with a word about it.
 */
export function readData(
  path: string,
): { readonly text: string; readonly damage?: string } | { readonly problem: string } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    return { problem: explain(error) };
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b ? unpack(bytes) : { text: bytes.toString("utf8") };
}

function unpack(bytes: Buffer): ReturnType<typeof readData> {
  try {
    return { text: gunzipSync(bytes).toString("utf8") };
  } catch (error) {
    return unpackSoundPart(bytes, explain(error));
  }
}

/** A cut archive still has its beginning; with anything worse there is nothing to be had. */
function unpackSoundPart(bytes: Buffer, damage: string): ReturnType<typeof readData> {
  try {
    const text = gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8");
    return { text, damage };
  } catch {
    return { problem: `it is no sound gzip file: ${damage}` };
  }
}
