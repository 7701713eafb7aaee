import type { Write } from './object-store.ts';

const ID_SEPARATOR = '/';

/** A text that is unique to a key. */
export const idOf = ({ resource, namespace, name }: Write['key']): string => resource + ID_SEPARATOR + namespace + ID_SEPARATOR + name;

/**
 * A key may be written once in a transaction: with two writes "the key's revision" would mean two things. NUL separates
 * keys and values in the event stream.
 * @throws TypeError, a fault of the caller
 */
export function checkWrites(writes: readonly Write[]): void {
  for (const write of writes) {
    if (idOf(write.key).includes('\0') || write.value?.includes('\0')) throw new TypeError('a key or value holds NUL');
    if (write.value === '') throw new TypeError('a value is JSON text, never empty');
  }
  if (writes.length > 1 && new Set(writes.map((w) => idOf(w.key))).size < writes.length) {
    throw new TypeError('a transaction writes one key twice');
  }
}
