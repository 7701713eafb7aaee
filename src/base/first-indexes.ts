/** Where each key stands for the first time: one that stands elsewhere too is a repetition there. To search the list for each key would take minutes for one as long as a request may be. */
export function firstIndexes<K>(keys: readonly K[]): ReadonlyMap<K, number> {
  const first = new Map<K, number>();
  for (const [i, key] of keys.entries()) if (!first.has(key)) first.set(key, i);
  return first;
}
