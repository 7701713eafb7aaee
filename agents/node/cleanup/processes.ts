import { existsSync, readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { Instance } from '#base/instance.ts';
import { containerdPaths } from '../containerd/paths.ts';
import { type ProcessIdentity, allPids, commandLine, identify, sendSignal, waitUntilGone } from '../system/process.ts';
import { cgroupFolders, cgroupPids } from './cgroups.ts';

const KILL_TIMEOUT_MS = 5000;

/**
 * Kills this instance's containerd, then shims, then containers. Shims go before containers: one that saw its container end
 * would start runc to clean up, in the midst of our own clean-up.
 */
export async function killProcesses(instance: Instance, clock: Clock): Promise<void> {
  const { configFile, socketPath } = containerdPaths(instance);
  await kill(processesWith((args) => hasOption(args, '--config', configFile)), clock);
  const containers = containerProcesses(instance);
  await kill(processesWith((args) => hasOption(args, '-address', socketPath)), clock);
  await kill([...containers, ...containerProcesses(instance)], clock);
}

async function kill(processes: readonly ProcessIdentity[], clock: Clock): Promise<void> {
  for (const process of processes) sendSignal(process, 'SIGKILL');
  await Promise.all(processes.map((process) => waitUntilGone(process, clock, KILL_TIMEOUT_MS)));
}

/** What runs in our cgroups, and the first process of each task that containerd's state names. */
function containerProcesses(instance: Instance): readonly ProcessIdentity[] {
  const inits = taskFolders(instance).flatMap((folder) => readIfPresent(join(folder, 'init.pid')).map(Number));
  const pids = new Set([...cgroupFolders(instance.cgroupRoot).flatMap(cgroupPids), ...inits.filter((pid) => isContainer(pid))]);
  return [...pids].map(identify).filter((process) => process !== undefined);
}

/** A pid file may outlive a reboot of the machine: only a process in namespaces of its own is a container. */
function isContainer(pid: number): boolean {
  const mountNamespace = (of: string): string => (existsSync(`/proc/${of}/ns/mnt`) ? readlinkSync(`/proc/${of}/ns/mnt`) : '');
  const theirs = mountNamespace(String(pid));
  return theirs !== '' && theirs !== mountNamespace('self');
}

/** Sockets of shims lie outside of our folders: containerd has no setting for them. */
export const shimSockets = (instance: Instance): readonly string[] =>
  taskFolders(instance).flatMap((folder) => readIfPresent(join(folder, 'address'))).filter((address) => address.startsWith('unix://')).map((address) => address.slice('unix://'.length));

function taskFolders(instance: Instance): readonly string[] {
  const { tasks } = containerdPaths(instance);
  if (!existsSync(tasks)) return [];
  return readdirSync(tasks).flatMap((namespace) => readdirSync(join(tasks, namespace)).map((id) => join(tasks, namespace, id)));
}

const processesWith = (matches: (args: readonly string[]) => boolean): readonly ProcessIdentity[] =>
  allPids().filter((pid) => matches(commandLine(pid))).map(identify).filter((process) => process !== undefined);

const hasOption = (args: readonly string[], option: string, value: string): boolean => args.some((arg, i) => arg === option && args[i + 1] === value);

const readIfPresent = (file: string): readonly string[] => (existsSync(file) ? [readFileSync(file, 'utf8').trim()] : []);
