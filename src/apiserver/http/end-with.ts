import { Readable, type Writable } from 'node:stream';
import { lengthOf } from '../protobuf/envelope.ts';

/** Given to a connection at once: to encrypt so much takes less than a millisecond. */
const PIECE_BYTES = 512 * 1024;

/**
 * Ends an answer with the parts of its body. A long one goes piece by piece as the client takes it: given to the connection as a whole it would be
 * encrypted in one turn of the event loop, and lie in memory a second time until it is read. False: it goes on as the client reads.
 */
export function endWith(output: Writable, parts: readonly Buffer[]): boolean {
  if (lengthOf(parts) > PIECE_BYTES) {
    Readable.from(piecesOf(parts)).pipe(output);
    return false;
  }
  if (parts.length > 1) output.cork();
  parts.forEach((part, i) => void (i === parts.length - 1 ? output.end(part) : output.write(part)));
  return true;
}

function* piecesOf(parts: readonly Buffer[]): Iterable<Buffer> {
  for (const part of parts) for (let start = 0; start < part.length; start += PIECE_BYTES) yield part.subarray(start, start + PIECE_BYTES);
}
