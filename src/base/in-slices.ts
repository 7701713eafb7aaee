/** Gives all items to `take`, at most `size` at a time and one slice in a turn of the event loop, so that other work has its turn between them. */
export async function inSlices<T>(items: readonly T[], size: number, take: (slice: readonly T[], start: number) => void): Promise<void> {
  for (let start = 0; start < items.length; start += size) {
    if (start > 0) await new Promise((resolve) => setImmediate(resolve));
    take(items.slice(start, start + size), start);
  }
}
