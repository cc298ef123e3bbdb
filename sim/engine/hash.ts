/** Hashes have 52 bits, so that sums and products of their halves stay exact. */
const HALF = 2 ** 26;

/** Two numbers below 2^52 as one that looks random (two rounds of the finalizer of MurmurHash3 on 32 bits each). */
export function mix(a: number, b: number): number {
  const low = scramble(
    ((a % 2 ** 32) | 0) ^ Math.imul((b % 2 ** 32) | 0, 0x9e37_79b1),
    a / 2 ** 32 + b / 2 ** 30,
  );
  const high = scramble(low ^ Math.imul((b / 2 ** 26) | 0, 0x85eb_ca77), a / 2 ** 26);
  return (high >>> 6) * HALF + (low >>> 6);
}

function scramble(value: number, salt: number): number {
  let hash = value ^ Math.imul(salt | 0, 0xc2b2_ae3d);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}

const texts = new Map<string, number>();

/** The hash of a text; the same text is asked for again and again, so it is kept. */
export function hashText(text: string): number {
  const known = texts.get(text);
  if (known !== undefined) return known;
  let hash = text.length;
  for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at));
  texts.set(text, hash);
  return hash;
}
