/**
 * The same text in memory of its own, a byte a character where that is enough. What was cut out of a larger text otherwise holds all of it for as
 * long as it is kept.
 */
export const ownText = (text: string): string => Buffer.from(text).toString();

/** The text as UTF-8 in memory of its own. `Buffer.from` takes small ones out of blocks of 64 KB, and one that is kept holds its whole block. */
export function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}
