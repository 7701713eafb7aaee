import { rmSync } from 'node:fs';
import { instanceOf } from '#base/instance.ts';
import { down } from './down.ts';

/** `headway reset`: nothing stays behind: processes, mounts, namespaces, links, tables, cgroups, files. */
export async function reset(dataDir: string): Promise<void> {
  const instance = instanceOf(dataDir);
  await down({ dataDir });
  rmSync(instance.runDir, { recursive: true, force: true });
  rmSync(instance.dataDir, { recursive: true, force: true });
  process.stdout.write(`Removed ${instance.dataDir} and everything that Headway had made.\n`);
}
