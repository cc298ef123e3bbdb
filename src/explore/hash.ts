/** Eight hexadecimal digits for a text (FNV-1a, 32 bits): enough to notice that a file has changed. */
export function hashOfText(text: string): string {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    for (const byte of [unit & 0xff, unit >>> 8]) hash = Math.imul(hash ^ byte, 0x0100_0193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}
