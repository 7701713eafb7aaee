/**
 * Runs `task` for each item in batches of 1, 2, 4, ...: when everything fails (a quota, a broken webhook) only few calls
 * are wasted. Stops after the first batch with a failure and throws that.
 */
export async function slowStart<T>(items: readonly T[], task: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0, size = 1; start < items.length; start += size, size *= 2) {
    const results = await Promise.allSettled(items.slice(start, start + size).map(task));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed) throw failed.reason;
  }
}
