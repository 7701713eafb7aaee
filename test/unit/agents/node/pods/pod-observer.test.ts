import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { Pod } from '#api/generated/core/v1.ts';
import { systemClock } from '#base/clock.ts';
import { PodObserver } from '#agents/node/pods/pod-observer.ts';
import type { ContainerRuntime } from '#agents/node/runtime/container-runtime.ts';

const pod = {
  apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', uid: 'u' }, spec: { containers: [{ name: 'main', terminationMessagePolicy: 'FallbackToLogsOnError' }] },
} as Pod;

test('the last words of a failed container are found in a log that comes a moment after its end', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'headway-observer-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const logPath = join(directory, '0.log');
  const runtime = {
    listSandboxes: () => Promise.resolve([]),
    listContainers: () => Promise.resolve([{ id: 'c', name: 'main', state: 'exited', exitCode: 3, annotations: {}, message: '', logPath }]),
  } as unknown as ContainerRuntime;
  // The log is written while the observer waits for it.
  const clock = { ...systemClock, sleep: () => Promise.resolve(writeFileSync(logPath, '2026-01-01T00:00:00.000000000Z stdout F broken\n')) };
  const observer = new PodObserver({ uid: 'u', runtime, hostIp: '127.0.0.1', clock });
  await observer.look(pod);
  t.is(observer.messages.get('c'), 'broken\n');
});
