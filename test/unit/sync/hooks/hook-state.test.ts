import test from 'ava';
import type { KubeObject } from '#api/object.ts';
import { CONFIG_MAPS, JOBS, PODS } from '#api/resources.ts';
import { hookState } from '#sync/hooks/hook-state.ts';

const condition = (type: string) => ({ conditions: [{ type, status: 'True', message: 'because' }] });
const cases = [
  { resource: JOBS, status: {}, is: 'Running' }, { resource: JOBS, status: condition('Complete'), is: 'Completed' }, { resource: JOBS, status: condition('Failed'), is: 'Failed' },
  { resource: PODS, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] }, is: 'Running' },
  { resource: PODS, status: { phase: 'Succeeded' }, is: 'Completed' }, { resource: PODS, status: { phase: 'Failed' }, is: 'Failed' },
  { resource: CONFIG_MAPS, status: undefined, is: 'Completed' },
] as const;
for (const { resource, status, is } of cases) {
  test(`a ${resource.kind} with ${JSON.stringify(status)} is ${is}`, (t) => {
    t.is(hookState(resource, { apiVersion: 'v1', kind: resource.kind, metadata: { name: 'a' }, status } as KubeObject).state, is);
  });
}

test('what is not there (yet) runs', (t) => t.is(hookState(JOBS, undefined).state, 'Running'));
test('what has completed has, though it is being deleted', (t) => {
  t.is(hookState(JOBS, { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'a', deletionTimestamp: '2026-01-01T00:00:00Z' }, status: condition('Complete') } as KubeObject).state, 'Completed');
});
