import test from 'ava';
import type { Deployment } from '#api/generated/apps/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Application } from '#api/headway/v1/types.ts';
import { ClusterRows, type ClusterState, summarize } from '#cli/control-plane/summary.ts';

const EMPTY: ClusterState = { nodes: [], pods: [], applications: [], deployments: [], jobs: [], services: [] };
const pod = (phase: string, ready: 'True' | 'False', name = 'p'): Pod =>
  ({ apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec: { containers: [] }, status: { phase, conditions: [{ type: 'Ready', status: ready }] } }) as unknown as Pod;
const application = (status: Application['status']): Application =>
  ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { name: 'root' }, spec: { repository: 'root' }, status });

test('finished pods do not count among those that should be ready', (t) => {
  const { pods } = summarize({ ...EMPTY, pods: [pod('Running', 'True', 'a'), pod('Pending', 'False', 'b'), pod('Succeeded', 'False', 'c')] });
  t.deepEqual(pods, { ready: 1, total: 2 });
});

test('the problem of an application is its first error with file and line', (t) => {
  const [app] = summarize({ ...EMPTY, applications: [application({ errors: [{ path: 'web.yaml', line: 7, reason: 'InvalidObject', message: 'no' }] })] }).applications.shown;
  t.is(app?.problem, 'web.yaml:7: no');
});

test('a degraded application tells its health as the problem, a progressing one tells none', (t) => {
  const withHealth = (reason: string) => summarize({ ...EMPTY, applications: [application({ conditions: [{ type: 'Healthy', status: 'False', reason, message: 'image missing', lastTransitionTime: '' }] })] }).applications.shown[0]?.problem;
  t.is(withHealth('Degraded'), 'image missing');
  t.is(withHealth('Progressing'), '');
});

test('a repository that cannot be read is a problem too', (t) => {
  const conditions = [{ type: 'Synced', status: 'False', reason: 'SourceNotReady', message: 'no branch "mian"', lastTransitionTime: '' }] as const;
  t.is(summarize({ ...EMPTY, applications: [application({ conditions })] }).applications.shown[0]?.problem, 'no branch "mian"');
});

test('workloads show how far they are', (t) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'demo' }, spec: { replicas: 2 }, status: { readyReplicas: 1 } } as unknown as Deployment;
  t.deepEqual(summarize({ ...EMPTY, deployments: [deployment] }).workloads, { total: 1, shown: [{ kind: 'Deployment', namespace: 'demo', name: 'web', state: '1/2 ready' }] });
});

const named = (name: string, conditions: readonly [string, string][], problem = ''): Application => ({
  ...application({
    conditions: conditions.map(([type, status]) => ({ type, status, reason: 'R', message: '', lastTransitionTime: '' })), syncedRevision: 'a'.repeat(40),
    ...(problem === '' ? {} : { errors: [{ path: 'web.yaml', reason: 'InvalidObject', message: problem }] }),
  } as Application['status']),
  metadata: { name, namespace: 'headway-system' },
});
const WELL: [string, string][] = [['Synced', 'True'], ['Healthy', 'True']];

test('of many applications the first are shown, those with a problem before those that are not healthy yet, and all are counted', (t) => {
  const many = Array.from({ length: 60 }, (_, i) => named(`well-${i}`, WELL));
  const { applications } = summarize({ ...EMPTY, applications: [...many, named('slow', [['Synced', 'True'], ['Healthy', 'False']]), named('ill', [['Synced', 'False']], 'no')] });
  t.deepEqual({ ...applications, shown: applications.shown.slice(0, 3).map(({ name }) => name) }, { total: 62, synced: 61, healthy: 60, refused: 1, shown: ['ill', 'slow', 'well-0'] });
  t.is(applications.shown.length, 50);
});

test('rows follow what changes and what is deleted', (t) => {
  const rows = new ClusterRows();
  rows.put('pods', pod('Running', 'True'));
  rows.put('applications', named('a', [['Synced', 'False']]));
  rows.put('applications', named('a', WELL));
  rows.put('deployments', { metadata: { name: 'web', namespace: 'demo' }, spec: {} } as unknown as Deployment);
  t.like(rows.summary(), { pods: { ready: 1, total: 1 }, applications: { total: 1, healthy: 1 }, workloads: { total: 1 } });
  rows.put('pods', pod('Succeeded', 'False'));
  rows.remove('applications', named('a', WELL));
  rows.remove('deployments', { metadata: { name: 'web', namespace: 'demo' } } as unknown as Deployment);
  t.like(rows.summary(), { pods: { ready: 0, total: 0 }, applications: { total: 0 }, workloads: { total: 0 } });
});
