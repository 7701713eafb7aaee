import test from 'ava';
import type { FlowSchema } from '#api/generated/flowcontrol/v1.ts';
import type { UserInfo } from '#api/transport.ts';
import { BOOTSTRAP_LEVELS, BOOTSTRAP_SCHEMAS } from '#apiserver/flowcontrol/bootstrap-objects.ts';
import { FlowControl } from '#apiserver/flowcontrol/flow-control.ts';
import { ManualClock } from '#test/support/manual-clock.ts';

const ANYBODY: UserInfo = { name: 'alice', groups: ['system:authenticated'] };

function schemaOf(path: string, user = ANYBODY, ...more: readonly FlowSchema[]): string {
  const flow = new FlowControl({ clock: new ManualClock(0) });
  flow.configure([...BOOTSTRAP_SCHEMAS, ...more], BOOTSTRAP_LEVELS);
  return flow.classify(user, { type: 'path', verb: 'get', path }).name;
}

test('a rule for a path is one for all below it', (t) => {
  for (const path of ['/healthz', '/healthz/', '/healthz/etcd', '/livez/ping', '/readyz/poststarthook/x']) t.is(schemaOf(path), 'probes', path);
  for (const path of ['/healthzx', '/health', '/', '/api']) t.is(schemaOf(path), 'global-default', path);
  const only = (...nonResourceURLs: readonly string[]): FlowSchema => ({
    apiVersion: 'flowcontrol.apiserver.k8s.io/v1', kind: 'FlowSchema', metadata: { name: 'own' },
    spec: { priorityLevelConfiguration: { name: 'system' }, matchingPrecedence: 3, rules: [{ subjects: [{ kind: 'User', user: { name: '*' } }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs }] }] },
  });
  const isOwn = (url: string, path: string): boolean => schemaOf(path, ANYBODY, only(url)) === 'own';
  t.deepEqual(['/a', '/a/', '/a/b', '/ab'].map((path) => isOwn('/a', path)), [true, true, true, false]);
  t.deepEqual(['/a', '/a/', '/a/b', '/ab'].map((path) => isOwn('/a/', path)), [false, true, true, false]);
  t.deepEqual(['/a', '/a/', '/a/b', '/ab'].map((path) => isOwn('/a/*', path)), [false, true, true, false]);
  t.true(isOwn('/', '/anything'));
});

test('the schemas are those of Kubernetes 1.36', (t) => {
  t.deepEqual(BOOTSTRAP_SCHEMAS.map(({ metadata }) => metadata.name).toSorted(), [
    'catch-all', 'exempt', 'global-default', 'kube-controller-manager', 'kube-scheduler', 'kube-system-service-accounts', 'probes', 'service-accounts', 'system-leader-election', 'system-node-high', 'system-nodes',
  ]);
});
