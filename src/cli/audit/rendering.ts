import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { clusterCapabilities } from '#sync/render/cluster-capabilities.ts';
import { RenderTools } from '#sync/render/tools/render-tools.ts';
import { UnitRendering } from '#sync/render/unit-rendering.ts';
import { WorkerPool } from '#sync/render/worker/worker-pool.ts';
import { cacheDirectory, type AuditSession } from './session.ts';

/** Gives `use` what renders Kustomize and Helm, as the cluster's sync does; what it unpacks and leaves stays below the caller's cache. */
export async function withRendering<R>({ cluster: { client, scheme } }: AuditSession, use: (units: UnitRendering) => Promise<R>): Promise<R> {
  const cache = await cacheDirectory();
  const workDir = await mkdtemp(join(cache, 'render-'));
  try {
    return await use(new UnitRendering({ workDir, tools: new RenderTools({ unpackTo: join(cache, 'tools') }), pool: new WorkerPool(), cluster: clusterCapabilities(client, scheme) }));
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
