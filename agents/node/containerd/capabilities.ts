import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { HeadwayError } from '#base/errors.ts';
import { run } from '../system/run.ts';

/** No directory holds the CNI plugins. */
export class CniPluginsMissing extends HeadwayError<{ readonly searched: readonly string[] }> {
  readonly code = 'cni-plugins-missing';
  readonly isRetryable = false;
}

/** Debian's package, then where upstream installs. */
export const CNI_BIN_DIRS: readonly string[] = ['/usr/lib/cni', '/opt/cni/bin'];

/** Number of the capability in `CapEff`, see capabilities(7). */
const CAP_SYS_RESOURCE = 24n;

/** Whether this process may raise limits and lower OOM scores. */
export function hasCapSysResource(status: string = readFileSync('/proc/self/status', 'utf8')): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  return ((BigInt(`0x${effective}`) >> CAP_SYS_RESOURCE) & 1n) === 1n;
}

/** The first directory that holds the bridge plugin. Throws {@link CniPluginsMissing}. */
export function findCniBinDir(directories: readonly string[]): string {
  const found = directories.find((directory) => existsSync(join(directory, 'bridge')));
  if (found === undefined) throw new CniPluginsMissing(`no CNI plugins in ${directories.join(', ')}`, { searched: directories });
  return found;
}

/** Major version, which decides the syntax of the configuration file and nothing else. */
export async function containerdMajor(binary: string): Promise<number> {
  const version = /\sv?(\d+)\.\d+/.exec(await run(binary, ['--version']))?.[1];
  return Number(version ?? 1);
}

/** Tries an overlay mount below `directory`: a kernel may lack it, or the file system below may not carry it. */
export async function worksOverlay(directory: string): Promise<boolean> {
  const base = join(directory, '.overlay-check');
  const [lower, upper, work, merged] = ['lower', 'upper', 'work', 'merged'].map((name) => join(base, name)) as [string, string, string, string];
  for (const path of [lower, upper, work, merged]) mkdirSync(path, { recursive: true });
  try {
    await run('mount', ['-t', 'overlay', 'overlay', '-o', `lowerdir=${lower},upperdir=${upper},workdir=${work}`, merged]);
    await run('umount', [merged]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}
