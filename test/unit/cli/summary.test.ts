import test from 'ava';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { type ClusterState, summarize } from '#cli/control-plane/summary.ts';

const EMPTY: ClusterState = { nodes: [], pods: [], applications: [], deployments: [], jobs: [], services: [] };
const pod = (phase: string, ready: 'True' | 'False'): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' }, spec: { containers: [] }, status: { phase, conditions: [{ type: 'Ready', status: ready }] } }) as unknown as Pod;
const application = (status: Application['status']): Application =>
  ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'root' }, spec: { repository: 'root' }, status });

test('finished pods do not count among those that should be ready', (t) => {
  const { pods } = summarize({ ...EMPTY, pods: [pod('Running', 'True'), pod('Pending', 'False'), pod('Succeeded', 'False')] });
  t.deepEqual(pods, { ready: 1, total: 2 });
});

test('the problem of an application is its first error with file and line', (t) => {
  const [app] = summarize({ ...EMPTY, applications: [application({ errors: [{ path: 'web.yaml', line: 7, reason: 'InvalidObject', message: 'no' }] })] }).applications;
  t.is(app?.problem, 'web.yaml:7: no');
});

test('a degraded application tells its health as the problem, a progressing one tells none', (t) => {
  const withHealth = (reason: string) => summarize({ ...EMPTY, applications: [application({ conditions: [{ type: 'Healthy', status: 'False', reason, message: 'image missing', lastTransitionTime: '' }] })] }).applications[0]?.problem;
  t.is(withHealth('Degraded'), 'image missing');
  t.is(withHealth('Progressing'), '');
});

test('a repository that cannot be read is a problem too', (t) => {
  const conditions = [{ type: 'Synced', status: 'False', reason: 'SourceNotReady', message: 'no branch "mian"', lastTransitionTime: '' }] as const;
  t.is(summarize({ ...EMPTY, applications: [application({ conditions })] }).applications[0]?.problem, 'no branch "mian"');
});

test('workloads show how far they are', (t) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'demo' }, spec: { replicas: 2 }, status: { readyReplicas: 1 } } as unknown as Deployment;
  t.deepEqual(summarize({ ...EMPTY, deployments: [deployment] }).workloads, [{ kind: 'Deployment', namespace: 'demo', name: 'web', state: '1/2 ready' }]);
});
