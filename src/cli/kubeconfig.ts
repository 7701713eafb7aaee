import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './usage-error.ts';

export const kubeconfigPath = (dataDir: string): string => join(dataDir, 'kubeconfig');

export function printKubeconfig(dataDir: string): void {
  process.stdout.write(readKubeconfig(dataDir));
}

export function readKubeconfig(dataDir: string): string {
  try {
    return readFileSync(kubeconfigPath(dataDir), 'utf8');
  } catch (cause) {
    throw new UsageError(`there is no kubeconfig in ${dataDir}; "headway up" makes it (name another folder with --data-dir)`, { cause });
  }
}
