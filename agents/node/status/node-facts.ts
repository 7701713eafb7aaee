import { readFileSync } from 'node:fs';
import { arch, cpus, release, totalmem } from 'node:os';
import { architectureOf } from '../images/oci-archive.ts';

/** What the machine is: read once at the start. */
export interface NodeFacts {
  readonly cpuCount: number;
  readonly memoryBytes: number;
  readonly minOomScoreAdj: number;
  readonly info: { readonly machineID: string; readonly systemUUID: string; readonly bootID: string; readonly kernelVersion: string; readonly osImage: string; readonly operatingSystem: string; readonly architecture: string };
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    // Containers and small systems lack some of these; an empty field says so.
    return '';
  }
};

export function nodeFacts(hasCapSysResource: boolean): NodeFacts {
  const osImage = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(read('/etc/os-release'))?.[1] ?? 'Linux';
  const machineID = read('/etc/machine-id');
  return {
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    // Without the capability the kernel lets nobody go below their own score.
    minOomScoreAdj: hasCapSysResource ? -1000 : Number(read('/proc/self/oom_score_adj') || '0'),
    info: {
      machineID, systemUUID: read('/sys/class/dmi/id/product_uuid') || machineID, bootID: read('/proc/sys/kernel/random/boot_id'),
      kernelVersion: release(), osImage, operatingSystem: 'linux', architecture: architectureOf(arch()),
    },
  };
}
