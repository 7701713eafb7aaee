import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { instanceOf } from '#base/instance.ts';
import { stopAll } from './down.ts';

/** All that Headway makes in its data directory. Nothing else is deleted: `--data-dir` may name a folder that holds more. */
const OWN_ENTRIES = ['agent', 'containerd', 'control-plane', 'kubeconfig', 'logs', 'network', 'pki', 'redis', 'run'];

/** `headway reset`: nothing stays behind: processes, mounts, namespaces, links, tables, cgroups, files. */
export async function reset(dataDir: string): Promise<void> {
  const instance = instanceOf(dataDir);
  const wasThere = existsSync(dataDir);
  await stopAll(instance, {});
  rmSync(instance.runDir, { recursive: true, force: true });
  for (const entry of OWN_ENTRIES) rmSync(join(dataDir, entry), { recursive: true, force: true });
  process.stdout.write(`${wasThere ? removed(dataDir) : `There is no ${dataDir}; nothing was to be removed.`}\n`);
}

function removed(dataDir: string): string {
  const others = readdirSync(dataDir);
  if (others.length > 0) return `Removed everything that Headway had made; ${dataDir} stays, for it holds what is not Headway's: ${others.slice(0, 5).join(', ')}`;
  rmdirSync(dataDir);
  return `Removed ${dataDir} and everything that Headway had made.`;
}
