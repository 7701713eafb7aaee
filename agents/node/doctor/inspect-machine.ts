import type { Finding } from './finding.ts';
import { inspectKernel } from './kernel.ts';
import { inspectResources } from './resources.ts';
import { inspectTools } from './tools.ts';

export type { Finding } from './finding.ts';

/** Looks at what Headway uses of this machine. Changes nothing, and never throws for a lack: that is a finding. */
export async function inspectMachine(): Promise<readonly Finding[]> {
  const [kernel, tools, resources] = await Promise.all([inspectKernel(), inspectTools(), inspectResources()]);
  return [...kernel, ...tools, ...resources];
}
