import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from '#base/instance.ts';
import { podNetworkPaths } from '../network/paths.ts';
import { run } from '../system/run.ts';
import { removeIfEmpty } from './remove-if-empty.ts';

/** Where libcni notes the result of each attachment; containerd has no setting for it. */
const RESULT_CACHE = '/var/lib/cni/results';

/** Removes the tables, the bridge with what hangs on it, and the notes of libcni. */
export async function removeNetwork(instance: Instance): Promise<void> {
  const tables = [instance.nftTable, podNetworkPaths(instance).nftTable];
  // `add` first: deleting what is not there would fail.
  await run('nft', ['-f', '-'], { input: tables.map((table) => `add table ip ${table}\ndelete table ip ${table}\n`).join('') });
  const ports = `/sys/class/net/${instance.bridge}/brif`;
  for (const device of existsSync(ports) ? readdirSync(ports) : []) await removeLink(device);
  await removeLink(instance.bridge);
  removeCachedResults(podNetworkPaths(instance).networkName);
}

/** The kernel removes a veth by itself, some time after its namespace is gone: it may vanish before or while we do. */
async function removeLink(device: string): Promise<void> {
  if (!existsSync(`/sys/class/net/${device}`)) return;
  await run('ip', ['link', 'delete', device]).catch((error: unknown) => {
    if (existsSync(`/sys/class/net/${device}`)) throw error;
  });
}

/** Also those of the loopback device, which belong to no network of ours but to a sandbox that has an entry in ours. */
function removeCachedResults(network: string): void {
  if (!existsSync(RESULT_CACHE)) return;
  for (const file of readdirSync(RESULT_CACHE).filter((name) => name.startsWith(`${network}-`))) {
    const sandbox = sandboxOf(join(RESULT_CACHE, file));
    if (sandbox !== undefined) rmSync(join(RESULT_CACHE, `cni-loopback-${sandbox}-lo`), { force: true });
    rmSync(join(RESULT_CACHE, file), { force: true });
  }
  removeIfEmpty(RESULT_CACHE, '/var/lib/cni');
}

function sandboxOf(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { containerId?: string }).containerId;
  } catch {
    return undefined; // half of a file, after a crash: the entry goes all the same
  }
}
