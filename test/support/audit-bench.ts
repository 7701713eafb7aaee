import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { AuditLog } from '#apiserver/audit/audit-log.ts';
import { AuditPolicy } from '#apiserver/audit/policy.ts';
import { systemClock } from '#base/clock.ts';
import { silentLogger } from '#base/logger.ts';
import { startControlPlane } from './control-plane.ts';
import { exec, ROOT, type ExecResult } from './headway.ts';
import { startSyncBench, type SyncBench } from './sync-bench.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A sync bench whose API server listens and keeps an audit log, with the commands that read both. */
export interface AuditBench extends SyncBench {
  readonly kubeconfig: string;
  /** What the commands keep. */
  readonly cache: string;
  readonly auditLog: string;
  /** Runs `headway` as its own process, as the administrator. */
  headway(...args: readonly string[]): Promise<ExecResult>;
}

export async function startAuditBench(t: Pick<ExecutionContext, 'teardown'>, files: Readonly<Record<string, string>>, options: { readonly renderDir?: string } = {}): Promise<AuditBench> {
  const cache = temporaryDirectory('headway-cache');
  t.teardown(() => rm(cache, { recursive: true, force: true }));
  const auditLog = join(cache, 'audit.log');
  const sink = new AuditLog({ path: auditLog, clock: systemClock, log: silentLogger });
  t.teardown(() => sink.close());
  const plane = await startControlPlane({ audit: { policy: new AuditPolicy({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{ level: 'Metadata' }] }), sink } });
  t.teardown(() => plane.stop());
  const bench = await startSyncBench(t, files, { ...options, api: plane.server });
  // The person at the terminal: git is to find nothing of whoever runs the tests.
  const env = { XDG_CACHE_HOME: cache, HOME: cache, GIT_CONFIG_NOSYSTEM: '1', GIT_AUTHOR_NAME: 'Grace', GIT_AUTHOR_EMAIL: 'grace@example.org', GIT_COMMITTER_NAME: 'Grace', GIT_COMMITTER_EMAIL: 'grace@example.org' };
  return { ...bench, kubeconfig: plane.kubeconfig, cache, auditLog, headway: (...args) => exec(join(ROOT, 'bin/headway'), [...args, '--kubeconfig', plane.kubeconfig], { env }) };
}
