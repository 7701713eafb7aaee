import { existsSync } from 'node:fs';
import { asError } from '#base/errors.ts';
import { CNI_BIN_DIRS } from '../containerd/capabilities.ts';
import { run } from '../system/run.ts';
import { type Finding, type Lack, good, judged } from './finding.ts';

interface Tool {
  readonly command: string;
  readonly versionArgs: readonly string[];
  /** Debian's package. */
  readonly debianPackage: string;
  readonly level: Lack['level'];
  readonly cost: string;
  /** Lowest version that works. */
  readonly minimum?: readonly [number, number];
}

const TOOLS: readonly Tool[] = [
  { command: 'redis-server', versionArgs: ['--version'], debianPackage: 'redis-server', level: 'fail', cost: 'The store cannot start.', minimum: [6, 2] },
  { command: 'containerd', versionArgs: ['--version'], debianPackage: 'containerd', level: 'fail', cost: 'No container can run.', minimum: [1, 6] },
  { command: 'ctr', versionArgs: ['--version'], debianPackage: 'containerd', level: 'fail', cost: 'The sandbox image cannot be brought in.' },
  { command: 'runc', versionArgs: ['--version'], debianPackage: 'runc', level: 'fail', cost: 'No container can run.' },
  { command: 'nft', versionArgs: ['--version'], debianPackage: 'nftables', level: 'fail', cost: 'Pods have no way out and services no addresses.' },
  { command: 'ip', versionArgs: ['-Version'], debianPackage: 'iproute2', level: 'fail', cost: 'Pods have no network.' },
  { command: 'git', versionArgs: ['--version'], debianPackage: 'git', level: 'fail', cost: 'No repository can be followed.' },
  { command: 'conntrack', versionArgs: ['--version'], debianPackage: 'conntrack', level: 'warn', cost: 'UDP clients may be sent to an ended pod for up to two minutes.' },
  { command: 'busybox', versionArgs: ['--help'], debianPackage: 'busybox-static', level: 'warn', cost: 'The image of the demo cannot be built.' },
];

export const inspectTools = async (): Promise<readonly Finding[]> => [...(await Promise.all(TOOLS.map(inspectTool))), inspectCniPlugins()];

async function inspectTool(tool: Tool): Promise<Finding> {
  const lack: Lack = { level: tool.level, cost: tool.cost, remedy: `apt install ${tool.debianPackage}` };
  try {
    const version = versionIn(await run(tool.command, tool.versionArgs));
    const wanted = tool.minimum;
    if (!wanted || !version) return good(tool.command, version ?? 'present');
    return judged(tool.command, isAtLeast(version, wanted), version, { ...lack, cost: `Older than ${wanted.join('.')}: ${tool.cost}` });
  } catch (error) {
    return judged(tool.command, false, asError(error).message.includes('ENOENT') ? 'not found' : asError(error).message, lack);
  }
}

export const versionIn = (text: string): string | undefined => /\bv?=?(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];

export function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

const CNI_PLUGINS = ['bridge', 'host-local', 'loopback'];

function inspectCniPlugins(): Finding {
  const lack: Lack = { level: 'fail', cost: 'Pods have no network.', remedy: 'apt install containernetworking-plugins' };
  const directory = CNI_BIN_DIRS.find((candidate) => existsSync(`${candidate}/bridge`));
  if (directory === undefined) return judged('CNI plugins', false, `not in ${CNI_BIN_DIRS.join(', ')}`, lack);
  const missing = CNI_PLUGINS.filter((plugin) => !existsSync(`${directory}/${plugin}`));
  return judged('CNI plugins', missing.length === 0, missing.length === 0 ? directory : `${directory} lacks ${missing.join(', ')}`, lack);
}
