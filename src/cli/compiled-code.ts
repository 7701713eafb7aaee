import { flushCompileCache } from 'node:module';

/** Start-up is over by then, and the code that it needed has been compiled. */
const SETTLED_MS = 10_000;

/**
 * Has Node write what it stripped and compiled to its cache once this process has settled: otherwise that happens at a regular end
 * only, and a process that is killed would leave nothing for the next start. Costs nothing when all is in the cache.
 */
export function keepCompiledCode(): void {
  setTimeout(flushCompileCache, SETTLED_MS).unref();
}
