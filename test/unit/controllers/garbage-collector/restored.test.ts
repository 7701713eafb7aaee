import test from 'ava';
import { type Application, RESTORED_AT_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { formatTime } from '#base/clock.ts';
import { mayOwnersReturn } from '#controllers/garbage-collector/restored.ts';

const NOW = Date.parse('2026-01-01T00:10:00Z');
const ago = (seconds: number): string => formatTime(NOW - seconds * 1000);
const pod = (restoredAt?: string): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', ...(restoredAt ? { annotations: { [RESTORED_AT_ANNOTATION]: restoredAt } } : {}) } });
const app = (status: Application['status']): Application => ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'a' }, spec: { repository: 'r' }, status });
const synced = (lastSyncTime: string): Application => app({ syncedRevision: 'c0ffee', lastSyncTime });

const CASES: readonly { readonly name: string; readonly pod: KubeObject; readonly applications: readonly Application[]; readonly expected: boolean }[] = [
  { name: 'an object that no node restored', pod: pod(), applications: [app(undefined)], expected: false },
  { name: 'Git not applied yet, however long that takes', pod: pod(ago(500)), applications: [synced(ago(400)), app(undefined)], expected: true },
  { name: 'Git applied just now', pod: pod(ago(60)), applications: [synced(ago(5))], expected: true },
  { name: 'Git applied a while ago', pod: pod(ago(60)), applications: [synced(ago(40))], expected: false },
  { name: 'a late node after the sync', pod: pod(ago(5)), applications: [synced(ago(400))], expected: true },
  { name: 'no application, just now', pod: pod(ago(60)), applications: [], expected: true },
  { name: 'no application for long', pod: pod(ago(400)), applications: [], expected: false },
];
for (const { name, pod: object, applications, expected } of CASES) {
  test(`the owners of restored objects may return: ${name}`, (t) => t.is(mayOwnersReturn(object, applications, NOW), expected));
}
