import test from 'ava';
import type { Application, ApplicationStatus, Dependency } from '#api/headway/v1/types.ts';
import { keyOf, type KubeObject } from '#api/object.ts';
import { BUILT_IN_RESOURCES, CONFIG_MAPS } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { forbidden, notFound } from '#api/status-error.ts';
import { DependencyGate } from '#sync/policy/dependency-gate.ts';
import type { ObjectWatches } from '#sync/policy/object-watches.ts';

const NEW = 'b'.repeat(40);
const OLD = 'a'.repeat(40);
const on = (name: string, more: Partial<Dependency> = {}): Dependency => ({ apiVersion: 'headway.dev/v1', kind: 'Application', name, ...more });
const config = (name: string, ready?: string): Dependency => ({ apiVersion: 'v1', kind: 'ConfigMap', name, ...(ready ? { ready } : {}) });
const application = (name: string, dependsOn: readonly Dependency[] = [], status?: ApplicationStatus): Application =>
  ({ apiVersion: 'headway.dev/v1', kind: 'Application', metadata: { namespace: 'shop', name, generation: 2 }, spec: { repository: 'web', dependsOn }, ...(status ? { status } : {}) });
const condition = (type: string, status: 'True' | 'False', message = '') => ({ type, status, reason: 'Because', message, lastTransitionTime: '' });
const state = (more: ApplicationStatus = {}): ApplicationStatus => ({ observedGeneration: 2, syncedRevision: NEW, conditions: [condition('Synced', 'True'), condition('Healthy', 'True')], ...more });

interface World {
  readonly applications?: readonly Application[];
  readonly objects?: readonly KubeObject[];
}

function gateIn({ applications = [], objects = [] }: World) {
  const woken: string[] = [];
  const released: string[] = [];
  const watches: Pick<ObjectWatches, 'look' | 'release'> = {
    look: async (_waiter, { resource, name }) => {
      if (name === 'hidden') throw forbidden(resource, name, 'no');
      const found = objects.find(({ metadata }) => metadata.name === name);
      if (!found) throw notFound(CONFIG_MAPS, name);
      return found;
    },
    release: (waiter) => void released.push(waiter),
  };
  const gate = new DependencyGate({
    applications: { get: (key) => applications.find((one) => keyOf(one) === key) }, scheme: new Scheme(BUILT_IN_RESOURCES), watches: watches as ObjectWatches,
    readerFor: () => ({ client: {} as never, user: '' }), revisionOf: () => NEW, isSettled: () => true, wake: (key) => void woken.push(key),
  });
  return { gate, woken, released, ask: (one: Application) => gate.ask({ application: one }, new AbortController().signal) };
}

const object = (name: string, more: object = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name }, ...more });

for (const { name, dependsOn, world = {}, verdict } of [
  { name: 'nothing to wait for', dependsOn: [], verdict: { type: 'go' } },
  { name: 'an application that is synced and healthy', dependsOn: [on('db')], world: { applications: [application('db', [], state())] }, verdict: { type: 'go' } },
  { name: 'an application that is not there', dependsOn: [on('db')], verdict: { type: 'blocked', reason: 'DependencyMissing', message: 'Application shop/db: there is no such object' } },
  { name: 'an application that was never synced', dependsOn: [on('db')], world: { applications: [application('db')] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'Application shop/db is not ready: it is not synced' } },
  { name: 'an application whose commit was refused', dependsOn: [on('db')], world: { applications: [application('db', [], state({ conditions: [condition('Synced', 'False', 'bad.yaml:3')] }))] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'Application shop/db is not ready: it is not synced: Because: bad.yaml:3' } },
  { name: 'an application at an older commit', dependsOn: [on('db')], world: { applications: [application('db', [], state({ syncedRevision: OLD }))] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'Application shop/db is not ready: it is at aaaaaaaaaaaa, not yet at bbbbbbbbbbbb' } },
  { name: 'an application with a new spec', dependsOn: [on('db')], world: { applications: [application('db', [], state({ observedGeneration: 1 }))] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'Application shop/db is not ready: it is not synced' } },
  { name: 'an application that is ill', dependsOn: [on('db')], world: { applications: [application('db', [], state({ conditions: [condition('Synced', 'True'), condition('Healthy', 'False', 'no pod')] }))] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'Application shop/db is not ready: it is not healthy: Because: no pod' } },
  { name: 'an application by an expression', dependsOn: [on('db', { ready: 'object.status.syncedRevision != ""' })], world: { applications: [application('db', [], state({ conditions: [] }))] }, verdict: { type: 'go' } },
  { name: 'an object that is there', dependsOn: [config('settings')], world: { objects: [object('settings')] }, verdict: { type: 'go' } },
  { name: 'an object that is not there', dependsOn: [config('settings')], verdict: { type: 'blocked', reason: 'DependencyMissing', message: 'ConfigMap shop/settings: there is no such object' } },
  { name: 'an object that is going away', dependsOn: [config('settings')], world: { objects: [object('settings', { metadata: { name: 'settings', deletionTimestamp: 'now' } })] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'ConfigMap shop/settings is not ready: it is being deleted' } },
  { name: 'an expression that is true', dependsOn: [config('settings', 'object.data.ready == "yes"')], world: { objects: [object('settings', { data: { ready: 'yes' } })] }, verdict: { type: 'go' } },
  { name: 'an expression that is false', dependsOn: [config('settings', 'object.data.ready == "yes"')], world: { objects: [object('settings', { data: { ready: 'no' } })] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: 'ConfigMap shop/settings is not ready: `object.data.ready == "yes"` is false' } },
  { name: 'an expression over a field that is not there yet', dependsOn: [config('settings', 'object.data.ready == "yes"')], world: { objects: [object('settings')] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: /`object\.data\.ready == "yes"`: no such key: data/ } },
  { name: 'an expression that is none', dependsOn: [config('settings', 'object.(')], world: { objects: [object('settings')] }, verdict: { type: 'blocked', reason: 'DependencyNotReady', message: /`object\.\(`: / } },
  { name: 'a kind that is not known', dependsOn: [{ apiVersion: 'example.org/v1', kind: 'Database', name: 'db' }], verdict: { type: 'blocked', reason: 'DependencyKindUnknown', message: 'Database shop/db: there is no kind Database in example.org/v1' } },
  { name: 'an object that may not be read', dependsOn: [config('hidden')], verdict: { type: 'wait', waitMs: 30_000, reason: 'DependencyForbidden', message: /ConfigMap shop\/hidden: .*forbidden/ } },
  { name: 'several that are not ready', dependsOn: [config('a'), config('b')], verdict: { type: 'blocked', reason: 'DependencyMissing', message: 'ConfigMap shop/a: there is no such object; ConfigMap shop/b: there is no such object' } },
]) {
  test(`${name}: ${verdict.type}`, async (t) => {
    const { message, ...answer } = { message: '', ...await gateIn(world).ask(application('web', dependsOn)) };
    const { message: expected = '', ...rest } = verdict;
    t.deepEqual<object, object>(answer, rest);
    if (typeof expected === 'string') t.is(message, expected);
    else t.regex(message, expected);
  });
}

test('applications that wait for one another are named, in each of them', async (t) => {
  const applications = [application('a', [on('b')]), application('b', [on('c')]), application('c', [on('a')]), application('d', [on('a')])];
  const { ask } = gateIn({ applications });
  const verdicts = await Promise.all(applications.map(ask));
  t.deepEqual(verdicts.map((verdict) => ('reason' in verdict ? `${verdict.reason}: ${verdict.message}` : '')), [
    'DependencyCycle: the applications wait for one another: shop/a -> shop/b -> shop/c -> shop/a',
    'DependencyCycle: the applications wait for one another: shop/b -> shop/c -> shop/a -> shop/b',
    'DependencyCycle: the applications wait for one another: shop/c -> shop/a -> shop/b -> shop/c',
    // It is not part of the cycle, but waits for one that is.
    'DependencyNotReady: Application shop/a is not ready: it is not synced',
  ]);
});

test('an application that waits is woken by what it waits for, and no longer once it went on', async (t) => {
  const ready: Application[] = [application('db')];
  const { ask, gate, woken, released } = gateIn({ applications: ready });
  const web = application('web', [on('db')]);
  await ask(web);
  gate.noteApplication('shop/other');
  t.deepEqual(woken, []);
  gate.noteApplication('shop/db');
  t.deepEqual(woken, ['shop/web']);
  ready[0] = application('db', [], state());
  t.deepEqual(await ask(web), { type: 'go' });
  t.deepEqual(released, ['shop/web']);
  gate.noteApplication('shop/db');
  t.deepEqual(woken, ['shop/web']);
});

test('all of a cycle wake one another, as any of them may be the one that is mended', async (t) => {
  const { ask, gate, woken } = gateIn({ applications: [application('a', [on('b')]), application('b', [on('c')]), application('c', [on('a')])] });
  await ask(application('a', [on('b')]));
  gate.noteApplication('shop/c');
  t.deepEqual(woken, ['shop/a']);
});

test('new kinds wake those that wait for one', async (t) => {
  const { ask, gate, woken } = gateIn({});
  await ask(application('web', [{ apiVersion: 'example.org/v1', kind: 'Database', name: 'db' }]));
  await ask(application('api', [config('settings')]));
  gate.noteKinds();
  t.deepEqual(woken, ['shop/web']);
});
