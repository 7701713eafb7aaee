import test from 'ava';
import type { Deployment, ReplicaSet } from '#api/generated/apps/v1.ts';
import { DEPLOYMENTS, REPLICA_SETS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import { deploymentController } from '#controllers/deployment/reconciler.ts';
import { ControllerRound, type RoundOptions } from '#test/support/controller-round.ts';

const LABELS = { app: 'web' };
const template = (image: string) => ({ metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image }] } });
const deployment = (spec: Partial<NonNullable<Deployment['spec']>> = {}): Deployment => ({
  apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'default', name: 'web', uid: 'd', generation: 1 },
  spec: { replicas: 1, progressDeadlineSeconds: 600, selector: { matchLabels: LABELS }, template: template('new'), ...spec },
});
const set = (name: string, image: string, replicas: number, revision: number): ReplicaSet => ({
  apiVersion: 'apps/v1', kind: 'ReplicaSet',
  metadata: {
    namespace: 'default', name, uid: name, labels: LABELS, creationTimestamp: `2026-01-0${revision}T00:00:00Z`, annotations: { 'deployment.kubernetes.io/revision': String(revision), 'deployment.kubernetes.io/desired-replicas': '1' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'd', controller: true }],
  },
  spec: { replicas, selector: {}, template: template(image) }, status: { replicas },
});
const roundOf = (d: Deployment, sets: readonly ReplicaSet[], refuse?: RoundOptions['refuse']): ControllerRound =>
  new ControllerRound({ controller: deploymentController, objects: [[DEPLOYMENTS, d], ...sets.map((s) => [REPLICA_SETS, s] as const)] as RoundOptions['objects'], ...(refuse ? { refuse } : {}) });

test('a set that cannot be made is told of, in an event and in the condition', async (t) => {
  const round = roundOf(deployment(), [], ({ verb }) => (verb === 'create' ? new StatusError('Forbidden', 'exceeded quota') : undefined));
  await t.throwsAsync(round.reconcile('default/web'), { message: 'exceeded quota' });
  t.regex(round.events[0] ?? '', /^web Warning ReplicaSetCreateError: Failed to create new replica set "web-[a-z0-9]+": exceeded quota$/);
  t.like(round.bodyOf('update deployments/status web'), { status: { conditions: [{ type: 'Progressing', status: 'False', reason: 'ReplicaSetCreateError' }] } });
});

test('nothing is told where the namespace goes away', async (t) => {
  const round = roundOf(deployment(), [], ({ verb }) => (verb === 'create' ? new StatusError('Forbidden', 'is being terminated', { details: { causes: [{ reason: 'NamespaceTerminating' }] } }) : undefined));
  await t.throwsAsync(round.reconcile('default/web'));
  t.deepEqual([round.events, round.writes], [[], []]);
});

test('in a pause annotations and minReadySeconds reach the present set, and history goes', async (t) => {
  const paused = deployment({ paused: true, minReadySeconds: 7, revisionHistoryLimit: 0 });
  const round = roundOf({ ...paused, metadata: { ...paused.metadata, annotations: { why: 'because' } } }, [set('web-a', 'old', 0, 1), set('web-b', 'new', 1, 2)]);
  await round.reconcile('default/web');
  t.like(round.bodyOf('update replicasets web-b'), { metadata: { annotations: { why: 'because' } }, spec: { minReadySeconds: 7 } });
  t.true(round.calls.includes('delete replicasets web-a'));
  t.false(round.calls.some((call) => call.startsWith('create')));
});

test('Recreate waits for pods that an old set still counts', async (t) => {
  const round = roundOf(deployment({ strategy: { type: 'Recreate' } }), [{ ...set('web-a', 'old', 0, 1), status: { replicas: 1 } }]);
  await round.reconcile('default/web');
  t.false(round.calls.some((call) => call.startsWith('create')));
});
