import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { PodObserver } from '#agents/node/pods/pod-observer.ts';
import type { ContainerRuntime } from '#agents/node/runtime/container-runtime.ts';

const pod = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: { containers: [{ name: 'main', terminationMessagePolicy: 'FallbackToLogsOnError' }] },
} as Pod;

test('a container is never shown as ended without its last words', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'headway-observer-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const logPath = join(directory, '0.log');
  writeFileSync(logPath, '2026-01-01T00:00:00.000000000Z stdout F broken\n');
  const runtime = {
    listSandboxes: () => Promise.resolve([]),
    listContainers: () => Promise.resolve([{ id: 'c', name: 'main', state: 'exited', exitCode: 3, annotations: {}, message: '', logPath }]),
  } as unknown as ContainerRuntime;
  const observer = new PodObserver('u', runtime, '127.0.0.1');
  let isDone = false;
  const look = observer.look(pod).finally(() => (isDone = true));
  // Whoever makes a status while the look is under way sees the old view or the whole new one.
  while (!isDone) {
    t.is(observer.view.containers.some((c) => c.state === 'exited'), observer.messages.has('c') && observer.view.containers.length > 0);
    await Promise.resolve();
    await new Promise(setImmediate);
  }
  await look;
  t.is(observer.messages.get('c'), 'broken\n');
  t.is(observer.view.containers.length, 1);
});
