import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemEnvironment } from '#agents/node/system/environment.ts';
import type { Instance } from '#base/instance.ts';

/** What `headway reset` must leave as it was. */
export interface MachineState {
  readonly links: readonly string[];
  readonly ruleset: string;
  readonly mounts: readonly string[];
  readonly processes: readonly string[];
  readonly cgroups: readonly string[];
  readonly namespaces: readonly string[];
}

/** The system's programs: a package's `nft` goes before in the PATH of the test runner. */
const output = (file: string, ...args: readonly string[]): string => execFileSync(file, [...args], { encoding: 'utf8', env: systemEnvironment() });

/** A zombie has ended; when it is reaped is up to the machine's init. */
const PROGRAMS = /redis-server|containerd|headway|runc/;

/** What is there after and was not before, one line each; whatever else ends on the machine meanwhile does not count. */
export function leftovers(before: MachineState, after: MachineState): readonly string[] {
  const lines = (state: MachineState): readonly string[] =>
    Object.entries(state).flatMap(([kind, value]: [string, string | readonly string[]]) => (typeof value === 'string' ? value.split('\n') : value).map((line) => `${kind}: ${line}`));
  const known = new Set(lines(before));
  return lines(after).filter((line) => !known.has(line));
}

export function machineState(): MachineState {
  return {
    links: output('ip', '-o', 'link').split('\n').map((line) => line.replace(/^\d+: ([^:]+):.*/, '$1')).filter((l) => l !== ''),
    ruleset: output('nft', 'list', 'ruleset'),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').map((line) => line.split(' ').slice(3, 5).join(' ')).sort(),
    processes: output('ps', '-eo', 'args').split('\n').filter((line) => PROGRAMS.test(line) && !line.includes('<defunct>')).sort(),
    cgroups: cgroupsBelow('/sys/fs/cgroup', 4),
    namespaces: namedNamespaces(),
  };
}

/** What of one installation is on the machine, its files excepted: processes, mounts, links, tables, cgroups, network namespaces. */
export function tracesOf({ dataDir, runDir, bridge, nftTable, cgroupRoot }: Instance): readonly string[] {
  const state = machineState();
  return [
    ...state.processes.filter((line) => line.includes(dataDir) || line.includes(runDir)),
    ...state.mounts.filter((line) => line.includes(dataDir) || line.includes(runDir)),
    ...state.links.filter((link) => link.startsWith(bridge)),
    ...state.ruleset.split('\n').filter((line) => line.includes(nftTable)),
    ...state.cgroups.filter((path) => path.includes(cgroupRoot)),
    ...state.namespaces.filter((name) => name.startsWith(`${bridge}-`)),
  ];
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
