import test from 'ava';
import type { APIService } from '#api/generated/apiregistration/v1.ts';
import { discoverExtensions } from '#controllers/namespace/extension-resources.ts';

interface Shape { readonly versionPriority?: number; readonly available?: 'True' | 'False'; readonly isLocal?: boolean }
const service = (group: string, version: string, { versionPriority = 100, available = 'True', isLocal = false }: Shape = {}): APIService => ({
  apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: `${version}.${group}` },
  spec: { group, version, groupPriorityMinimum: 1000, versionPriority, ...(isLocal ? {} : { service: { namespace: 'default', name: 'remote' } }) },
  status: { conditions: [{ type: 'Available', status: available }] },
});
const resource = (name: string, verbs: readonly string[] = ['list', 'delete'], namespaced = true) => ({ name, singularName: '', namespaced, kind: 'Thing', verbs });
const reader = (documents: Readonly<Record<string, readonly object[]>>) => async (path: string): Promise<unknown> => {
  const resources = documents[path];
  if (resources === undefined) throw new Error('service unavailable');
  return { resources };
};

test('what can be listed and deleted in a namespace is emptied, and nothing of the server\'s own', async (t) => {
  const found = await discoverExtensions([service('a.io', 'v1'), service('apps', 'v1', { isLocal: true })], reader({
    '/apis/a.io/v1': [resource('things'), resource('things/status'), resource('nodes', ['list', 'delete'], false), resource('metrics', ['get', 'list']), resource('reviews', ['create'])],
  }));
  t.deepEqual(found.resources.map(({ group, version, plural, namespaced }) => [group, version, plural, namespaced]), [['a.io', 'v1', 'things', true]]);
  t.deepEqual(found.undiscovered, []);
});

test('a resource is emptied in the version that its group prefers', async (t) => {
  const found = await discoverExtensions([service('a.io', 'v1beta1', { versionPriority: 10 }), service('a.io', 'v1', { versionPriority: 20 })], reader({
    '/apis/a.io/v1beta1': [resource('things'), resource('olds')], '/apis/a.io/v1': [resource('things')],
  }));
  t.deepEqual(found.resources.map(({ version, plural }) => `${version} ${plural}`), ['v1 things', 'v1beta1 olds']);
});

test('a server that is not available, or does not answer, is named', async (t) => {
  const asked: string[] = [];
  const read = reader({ '/apis/b.io/v1': [resource('things')] });
  const found = await discoverExtensions([service('c.io', 'v1'), service('a.io', 'v1', { available: 'False' }), service('b.io', 'v1')], (path) => (asked.push(path), read(path)));
  t.deepEqual(found.undiscovered, ['a.io/v1', 'c.io/v1']);
  t.deepEqual([found.resources.length, asked], [1, ['/apis/c.io/v1', '/apis/b.io/v1']]);
});
