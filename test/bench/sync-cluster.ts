import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMap } from '#api/generated/core/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { APPLICATIONS, CONFIG_MAPS } from '#api/resources.ts';
import { instanceOf } from '#base/instance.ts';
import { systemClock as clock } from '#base/clock.ts';
import { silentLogger as log } from '#base/logger.ts';
import type { Client } from '#client/client.ts';
import { createInformerFactory } from '#client/informer-factory.ts';
import type { Informer } from '#client/informer.ts';
import { freePort } from '#test/support/free-port.ts';
import { exec, ROOT } from '#test/support/headway.ts';
import { ROOT_FOLDER, type ManifestRepository } from '#test/support/manifest-repository.ts';
import { waitFor } from '#test/support/wait.ts';
import { connect } from './connection.ts';
import { leanClient } from './lean-client.ts';

export interface SyncedCluster {
  /** When `headway up` was spawned, by `performance.now`. */
  readonly startedAt: number;
  readonly kubeconfig: string;
  readonly client: Client;
  readonly applications: Informer<Application>;
  readonly configMaps: Informer<ConfigMap>;
  pid(part: 'control-plane' | 'redis'): number;
  stop(): Promise<void>;
}

const API_TIMEOUT_MS = 30_000;

/** A real Headway that follows the repository; a simulated node takes its pods. */
export async function startSyncedCluster(dataDir: string, repository: ManifestRepository): Promise<SyncedCluster> {
  const startedAt = performance.now();
  const args = ['up', '--nodes', 'simulated:1', '--repo', repository.options.directory, '--path', ROOT_FOLDER, '--data-dir', dataDir, '--port', String(await freePort()), '--agent-port', String(await freePort())];
  const supervisor = spawn(join(ROOT, 'bin/headway'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const kubeconfig = join(dataDir, 'kubeconfig');
  const client = await waitFor(async () => {
    const [connected] = connect({ kubeconfig }, 1);
    await connected?.raw('/readyz');
    return connected;
  }, { what: 'the API server', timeoutMs: API_TIMEOUT_MS });
  const informers = createInformerFactory({ client: leanClient(client), clock, log });
  const [applications, configMaps] = [informers.informer(APPLICATIONS), informers.informer(CONFIG_MAPS, { labelSelector: 'headway.dev/application' })];
  const watching = new AbortController();
  informers.start(watching.signal);
  const { runDir } = instanceOf(dataDir);
  return {
    startedAt, kubeconfig, client, applications, configMaps,
    pid: (part) => (JSON.parse(readFileSync(join(runDir, `${part}.pid`), 'utf8')) as { pid: number }).pid,
    async stop() {
      watching.abort();
      await exec(join(ROOT, 'bin/headway'), ['reset', '--data-dir', dataDir]);
      if (supervisor.exitCode === null) supervisor.kill('SIGKILL');
    },
  };
}
