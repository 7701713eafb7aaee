import test from 'ava';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { Scheme } from '#api/scheme.ts';
import { customType } from '#test/support/custom-type.ts';
import { Discovery } from '#apiserver/discovery/discovery.ts';

interface Resource {
  readonly name: string;
  readonly storageVersionHash?: string;
}

const discovery = new Discovery({ scheme: new Scheme(BUILT_IN_RESOURCES), serverAddress: '10.0.0.1:6443' });
const resources = (group: string, version: string): readonly Resource[] => (discovery.resources(group, version) as { readonly resources: readonly Resource[] }).resources;
const find = (group: string, version: string, name: string): Resource | undefined => resources(group, version).find((r) => r.name === name);

test('groups come in the order of their priorities, and their newest version is preferred', (t) => {
  const { groups } = discovery.groups() as { readonly groups: readonly { readonly name: string; readonly preferredVersion: { readonly version: string } }[] };
  t.deepEqual(groups.slice(0, 6).map((g) => `${g.name}/${g.preferredVersion.version}`), [
    'apiregistration.k8s.io/v1', 'apps/v1', 'events.k8s.io/v1', 'authentication.k8s.io/v1', 'authorization.k8s.io/v1', 'autoscaling/v2',
  ]);
});

// The hashes are those that Kubernetes' own discovery documents show.
for (const [group, version, name, hash] of [
  ['', 'v1', 'configmaps', 'qFsyl6wFWjQ='], ['', 'v1', 'pods', 'xPOwRZ+Yhw8='], ['', 'v1', 'services', '0/CO1lhkEBI='],
  ['events.k8s.io', 'v1', 'events', 'r2yiGXH7wu8='], ['autoscaling', 'v1', 'horizontalpodautoscalers', 'qwQve8ut294='],
] as const) {
  test(`the storage version of ${name} in ${group}/${version} has Kubernetes' hash`, (t) => {
    t.is(find(group, version, name)?.storageVersionHash, hash);
  });
}

test('resources and their subresources are sorted by name', (t) => {
  const names = resources('', 'v1').map((r) => r.name);
  t.deepEqual(names, names.toSorted());
});

test('subresources of custom resources come in the order of their definitions', (t) => {
  const custom = new Discovery({ scheme: new Scheme([customType({ subresources: ['status', 'scale'] }), customType({ kind: 'Cron', plural: 'crons' })]), serverAddress: '10.0.0.1:6443' });
  const { resources: all } = custom.resources('stable.example.com', 'v1') as { readonly resources: readonly Resource[] };
  t.deepEqual(all.map((r) => r.name), ['crons', 'crontabs', 'crontabs/status', 'crontabs/scale']);
});

test('subresources have the kinds and verbs of Kubernetes', (t) => {
  t.deepEqual<unknown, unknown>(find('', 'v1', 'pods/eviction'), { name: 'pods/eviction', singularName: '', namespaced: true, group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] });
  t.deepEqual<unknown, unknown>(find('', 'v1', 'pods/exec'), { name: 'pods/exec', singularName: '', namespaced: true, kind: 'PodExecOptions', verbs: ['create', 'get'] });
  t.deepEqual<unknown, unknown>(find('', 'v1', 'nodes/proxy'), { name: 'nodes/proxy', singularName: '', namespaced: false, kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] });
  t.is(find('authorization.k8s.io', 'v1', 'selfsubjectaccessreviews')?.storageVersionHash, undefined);
});

test('aggregated discovery keeps its tag for as long as the scheme stays the same', (t) => {
  const scheme = new Scheme(BUILT_IN_RESOURCES);
  const changing = new Discovery({ scheme, serverAddress: '' });
  const { etag } = changing.aggregated(false, 'v2');
  t.is(changing.aggregated(false, 'v2').etag, etag);
  const [first] = BUILT_IN_RESOURCES.filter((r) => r.group === 'apps');
  if (first) scheme.unregister(first);
  t.not(changing.aggregated(false, 'v2').etag, etag);
});
