import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `headway reset` must leave as it was. */
export interface MachineState {
  readonly links: readonly string[];
  readonly ruleset: string;
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly namespaces: readonly string[];
}

/** A zombie has ended; when it is reaped is up to the machine's init. */
const PROGRAMS = /redis-server|containerd|headway|runc/;

export function machineState(): MachineState {
  const output = (file: string, ...args: readonly string[]): string => execFileSync(file, [...args], { encoding: 'utf8' });
  return {
    links: output('ip', '-o', 'link').split('\n').map((line) => line.replace(/^\d+: ([^:]+):.*/, '$1')).filter((l) => l !== ''),
    ruleset: output('nft', 'list', 'ruleset'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map((line) => line.split(' ').slice(3, 5).join(' ')).sort(),
    processes: output('ps', '-eo', 'args').split('\n').filter((line) => PROGRAMS.test(line) && !line.includes('<defunct>')).sort(),
    cgroups: cgroupsBelow('/sys/fs/cgroup', 4),
    namespaces: namedNamespaces(),
  };
}

function cgroupsBelow(directory: string, depth: number): readonly string[] {
  if (depth === 0) return [];
  return readdirSync(directory, { withFileTypes: true }).filter((e) => e.isDirectory()).flatMap((e) => {
    const path = join(directory, e.name);
    return [path, ...cgroupsBelow(path, depth - 1)];
  }).sort();
}

function namedNamespaces(): readonly string[] {
  try {
    return readdirSync('/run/netns').sort();
  } catch {
    return [];
  }
}
