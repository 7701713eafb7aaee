import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** Where root's installation lives. */
export const DEFAULT_DATA_DIR = '/var/lib/headway';

/**
 * The names of everything that one Headway on a machine owns. They follow from its data directory, so that two
 * installations never touch each other's and `headway reset` knows what is its own, even when nothing runs.
 */
export interface Instance {
  /** Survives `headway down`: redis/, containerd/, pki/, agent/, control-plane/, logs/. */
  readonly dataDir: string;
  /** Sockets and pid files: /run/headway or /run/headway-<id>; without root, `<data-dir>/run`. */
  readonly runDir: string;
  /** Linux bridge of the pods; at most 15 characters. */
  readonly bridge: string;
  /** nftables table (family ip). */
  readonly nftTable: string;
  /** cgroup below which all pods live, without a leading slash. */
  readonly cgroupRoot: string;
}

export function instanceOf(dataDir: string = DEFAULT_DATA_DIR, isRoot: boolean = process.getuid?.() === 0): Instance {
  const suffix = dataDir === DEFAULT_DATA_DIR ? '' : `-${createHash('sha256').update(dataDir).digest('hex').slice(0, 6)}`;
  return {
    dataDir,
    runDir: isRoot ? join('/run', `headway${suffix}`) : join(dataDir, 'run'),
    bridge: suffix === '' ? 'headway0' : `headway${suffix}`,
    nftTable: `headway${suffix.replace('-', '_')}`,
    cgroupRoot: `headway${suffix}`,
  };
}
