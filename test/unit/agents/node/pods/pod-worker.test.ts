import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { instanceOf } from '#base/instance.ts';
import { silentLogger } from '#base/logger.ts';
import type { NodeContext } from '#agents/node/pods/node-context.ts';
import { PodWorker } from '#agents/node/pods/pod-worker.ts';
import type { RuntimeContainer } from '#agents/node/runtime/container-runtime.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { waitFor } from '#test/support/wait.ts';

const pod: Pod = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'n', uid: 'u1' },
  spec: { hostNetwork: true, containers: [{ name: 'main', image: 'i', readinessProbe: { exec: { command: ['true'] }, periodSeconds: 1 } }] },
};
const running: RuntimeContainer = {
  id: 'c1', sandboxId: 's1', podUid: 'u1', name: 'main', attempt: 0, state: 'running', createdAt: 0, startedAt: 0, finishedAt: 0, exitCode: 0, reason: '', message: '',
} as RuntimeContainer;

test('a worker that is closed in the middle of a look leaves no probe behind', async (t) => {
  const clock = new ManualClock(1_000_000);
  const look = Promise.withResolvers<void>();
  let looks = 0;
  let probes = 0;
  const context = {
    nodeName: 'node', hostIp: '127.0.0.1', instance: instanceOf('/nowhere'), clock, log: silentLogger, signal: new AbortController().signal,
    client: { patch: () => Promise.resolve(pod) }, events: { event: () => undefined }, checkpoints: { save: () => Promise.resolve() },
    runtime: {
      listSandboxes: async () => (looks++, await look.promise, []),
      listContainers: async () => (await look.promise, [running]),
      execSync: () => (probes++, Promise.resolve({ stdout: '', stderr: '', exitCode: 0 })),
    },
  } as unknown as NodeContext;
  const worker = new PodWorker(pod, context, () => undefined);
  worker.trigger();
  await waitFor(() => looks > 0, { what: 'the look' });
  const closed = worker.close();
  look.resolve();
  await closed;
  const before = probes;
  for (let second = 0; second < 5; second++) await clock.advance(1_000);
  t.is(probes, before);
});
