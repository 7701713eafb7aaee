import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const PROBE_TIMEOUT_MS = 5000;

/** What this machine offers to hold a worker with. */
export interface Confinement {
  /** `namespace`: the worker has no network at all. `proxy`: it is only pointed at a closed port. */
  readonly network: 'namespace' | 'proxy';
  /** Whether memory and files are limited. */
  readonly hasLimits: boolean;
  /** In front of the worker's own command. */
  readonly prefix: readonly string[];
}

export interface WorkerLimits {
  /** Of memory that a worker may write to. Go needs about 100 MiB before it does anything. */
  readonly memoryBytes: number;
  readonly timeoutMs: number;
  readonly outputBytes: number;
}

export const DEFAULT_LIMITS: WorkerLimits = { memoryBytes: 1024 * 1024 * 1024, timeoutMs: 30_000, outputBytes: 100 * 1024 * 1024 };
/** Go reserves address space far beyond what it uses. */
const ADDRESS_SPACE_FACTOR = 3;
/** Charts and kustomizations have no reason to write files but small caches. */
const MAX_WRITTEN_FILE_BYTES = 16 * 1024 * 1024;

/** Tries what there is, by running `true` under it; never rejects. */
export async function findConfinement({ memoryBytes }: WorkerLimits, path: string): Promise<Confinement> {
  const limits = ['prlimit', `--data=${memoryBytes}`, `--as=${memoryBytes * ADDRESS_SPACE_FACTOR}`, `--fsize=${MAX_WRITTEN_FILE_BYTES}`, '--core=0', '--'];
  const hasLimits = await works(limits, path);
  const network = await firstThatWorks([['unshare', '--net', '--'], ['unshare', '--map-root-user', '--net', '--']], path);
  return { network: network ? 'namespace' : 'proxy', hasLimits, prefix: [...(network ?? []), ...(hasLimits ? limits : [])] };
}

async function firstThatWorks(candidates: readonly (readonly string[])[], path: string): Promise<readonly string[] | undefined> {
  for (const candidate of candidates) if (await works(candidate, path)) return candidate;
  return undefined;
}

async function works([program = '', ...args]: readonly string[], path: string): Promise<boolean> {
  try {
    await run(program, [...args, 'true'], { env: { PATH: path }, timeout: PROBE_TIMEOUT_MS });
    return true;
  } catch {
    return false;
  }
}
