const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 10_000;

/** How long a pod waits after its nth failed attempt: 1 s, doubling, at most 10 s, as Kubernetes has it. */
export const backoffMs = (attempts: number): number => Math.min(MAX_BACKOFF_MS, INITIAL_BACKOFF_MS * 2 ** (attempts - 1));
