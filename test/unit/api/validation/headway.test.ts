import test from 'ava';
import { applyDefaults } from '#api/defaults/index.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { APPLICATION_SETS, APPLICATIONS, PROJECTS, SYNCS } from '#api/resources.ts';
import { validateCreate, validateUpdate } from '#api/validation/index.ts';

const build = (resource: ResourceType, spec: object, metadata: object = {}): KubeObject =>
  applyDefaults(resource, { apiVersion: 'headway.dev/v1', kind: resource.kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, spec } as KubeObject);
const problems = (resource: ResourceType, spec: object, metadata?: object): readonly string[] => validateCreate(resource, build(resource, spec, metadata)).map(({ message }) => message ?? '');
const fields = (resource: ResourceType, spec: object, metadata?: object): readonly (string | undefined)[] => validateCreate(resource, build(resource, spec, metadata)).map(({ field }) => field);

const application = (more: object) => ({ repository: 'web', ...more });
const window = (more: object) => application({ syncPolicy: { windows: [{ kind: 'Allow', schedule: '0 22 * * 1-5', duration: '8h', timeZone: 'Europe/Berlin', ...more }] } });
const dependency = (more: object) => application({ dependsOn: [{ apiVersion: 'headway.dev/v1', kind: 'Application', name: 'db', ...more }] });
const set = (generator: object, more: object = {}) => ({ generators: [generator], template: { metadata: { name: '{{name}}' }, spec: { repository: 'web', path: '{{path}}' } }, ...more });
const pulls = (more: object) => set({ pullRequests: { provider: 'GitHub', repository: 'shop/web', ...more } });
const record = { application: 'web', repository: 'web', revision: 'a'.repeat(40), trigger: { type: 'Commit' } };

for (const [resource, spec] of [
  [APPLICATIONS, application({ paths: ['a', 'b'] })], [APPLICATIONS, window({})], [APPLICATIONS, dependency({ ready: 'true' })], [APPLICATIONS, application({ pinnedRevision: '0'.repeat(40) })],
  [APPLICATIONS, application({ ignoreDifferences: [{ jsonPointers: ['/spec/replicas'] }, { managers: ['hpa'] }], syncPolicy: { pruneLimit: { percent: 100 }, retry: { limit: -1, interval: '1s' }, history: { count: 1, maxAge: '24h' } } })],
  [PROJECTS, {}], [PROJECTS, { serviceAccount: 'shop/deployer', roles: [{ name: 'dev', access: 'View', subjects: [{ kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' }] }] }],
  [APPLICATION_SETS, set({ list: { elements: [] } })], [APPLICATION_SETS, pulls({ pollInterval: '30s' })], [APPLICATION_SETS, set({ matrix: { generators: [{ list: { elements: [] } }, { clusters: {} }] } })],
  [APPLICATION_SETS, set({ directories: { repository: 'web', paths: ['apps/*', '!apps/old'] } })], [SYNCS, record],
] as const) {
  test(`a right ${resource.kind} is taken, and taken again: ${JSON.stringify(spec)}`, (t) => {
    t.deepEqual(problems(resource, spec), []);
    t.deepEqual(validateUpdate(resource, build(resource, spec), build(resource, spec)), []);
  });
}

for (const [resource, spec, field] of [
  [APPLICATIONS, {}, 'spec.repository'], [APPLICATIONS, application({ path: 'a', paths: ['b'] }), 'spec.paths'], [APPLICATIONS, application({ paths: ['../a'] }), 'spec.paths[0]'], [APPLICATIONS, application({ paths: ['a', './a/'] }), 'spec.paths[1]'],
  [APPLICATIONS, application({ paths: [] }), 'spec.paths'], [APPLICATIONS, application({ project: 'A' }), 'spec.project'], [APPLICATIONS, application({ pinnedRevision: 'main' }), 'spec.pinnedRevision'],
  [APPLICATIONS, application({ syncPolicy: { selfHeal: 'No' } }), 'spec.syncPolicy.selfHeal'], [APPLICATIONS, application({ syncPolicy: { pruneLimit: { percent: 0 } } }), 'spec.syncPolicy.pruneLimit.percent'], [APPLICATIONS, application({ syncPolicy: { timeout: '5' } }), 'spec.syncPolicy.timeout'],
  [APPLICATIONS, application({ syncPolicy: { retry: { limit: -2 } } }), 'spec.syncPolicy.retry.limit'], [APPLICATIONS, application({ syncPolicy: { history: { count: 0 } } }), 'spec.syncPolicy.history.count'],
  [APPLICATIONS, window({ kind: 'Maybe' }), 'spec.syncPolicy.windows[0].kind'], [APPLICATIONS, window({ schedule: '61 * * * *' }), 'spec.syncPolicy.windows[0].schedule'], [APPLICATIONS, window({ schedule: '@every 5m' }), 'spec.syncPolicy.windows[0].schedule'],
  [APPLICATIONS, window({ duration: '' }), 'spec.syncPolicy.windows[0].duration'], [APPLICATIONS, window({ timeZone: 'Mars/Base' }), 'spec.syncPolicy.windows[0].timeZone'],
  [APPLICATIONS, application({ render: { type: 'Jsonnet' } }), 'spec.render.type'], [APPLICATIONS, application({ render: { variables: { '1A': 'x' } } }), 'spec.render.variables'], [APPLICATIONS, application({ render: { helm: { valueFiles: ['/etc/x'] } } }), 'spec.render.helm.valueFiles[0]'],
  [APPLICATIONS, application({ ignoreDifferences: [{ kind: 'Deployment' }] }), 'spec.ignoreDifferences[0]'], [APPLICATIONS, application({ ignoreDifferences: [{ jsonPointers: ['spec.replicas'] }] }), 'spec.ignoreDifferences[0].jsonPointers[0]'],
  [APPLICATIONS, application({ ignoreDifferences: [{ jsonPointers: ['/data/a~b'] }] }), 'spec.ignoreDifferences[0].jsonPointers[0]'],
  [APPLICATIONS, dependency({ name: '' }), 'spec.dependsOn[0].name'], [APPLICATIONS, dependency({ name: 'web' }), 'spec.dependsOn[0].name'], [APPLICATIONS, application({ health: [{ kind: 'Database' }] }), 'spec.health[0]'],
  [APPLICATIONS, application({ decryption: { secretRef: {} } }), 'spec.decryption.secretRef.name'],
  [PROJECTS, { serviceAccount: 'deployer' }, 'spec.serviceAccount'], [PROJECTS, { serviceAccount: 'kube-system/admin' }, 'spec.serviceAccount'], [PROJECTS, { kinds: ['!'] }, 'spec.kinds[0]'],
  [PROJECTS, { roles: [{ name: 'a', access: 'Own', subjects: [] }] }, 'spec.roles[0].access'], [PROJECTS, { roles: [{ name: 'a', access: 'View', subjects: [{ kind: 'Robot', name: 'r' }] }] }, 'spec.roles[0].subjects[0].kind'],
  [PROJECTS, { roles: [{ name: 'a', access: 'View', subjects: [] }, { name: 'a', access: 'Sync', subjects: [] }] }, 'spec.roles[1].name'],
  [APPLICATION_SETS, set({}), 'spec.generators[0]'], [APPLICATION_SETS, set({ list: { elements: [] }, clusters: {} }), 'spec.generators[0].clusters'], [APPLICATION_SETS, { ...set({ clusters: {} }), generators: [] }, 'spec.generators'],
  [APPLICATION_SETS, set({ directories: { repository: 'web', paths: ['!x'] } }), 'spec.generators[0].directories.paths'], [APPLICATION_SETS, set({ files: { repository: 'web', paths: ['/x'] } }), 'spec.generators[0].files.paths[0]'],
  [APPLICATION_SETS, pulls({ provider: 'Gitea' }), 'spec.generators[0].pullRequests.apiURL'], [APPLICATION_SETS, pulls({ repository: 'web' }), 'spec.generators[0].pullRequests.repository'], [APPLICATION_SETS, pulls({ provider: 'Other' }), 'spec.generators[0].pullRequests.provider'],
  [APPLICATION_SETS, set({ matrix: { generators: [{ clusters: {} }] } }), 'spec.generators[0].matrix.generators'], [APPLICATION_SETS, set({ matrix: { generators: [{ clusters: {} }, { matrix: { generators: [] } }] } }), 'spec.generators[0].matrix.generators[1].matrix'],
  [APPLICATION_SETS, set({ clusters: {} }, { deletion: { mode: 'Maybe' } }), 'spec.deletion.mode'], [APPLICATION_SETS, set({ clusters: {} }, { deletion: { limit: -1 } }), 'spec.deletion.limit'],
  [SYNCS, { ...record, revision: 'main' }, 'spec.revision'], [SYNCS, { ...record, trigger: { type: 'Whim' } }, 'spec.trigger.type'],
] as const) {
  test(`a ${resource.kind} is refused for ${field}: ${JSON.stringify(spec)}`, (t) => t.deepEqual(fields(resource, spec), [field]));
}

test('projects of headway-system may name service accounts of any namespace', (t) => t.deepEqual(problems(PROJECTS, { serviceAccount: 'shop/deployer' }, { namespace: 'headway-system' }), []));

test('the name of an Application must fit into the label that its objects get', (t) => {
  t.deepEqual(fields(APPLICATIONS, application({}), { name: 'a'.repeat(58) }), []);
  t.deepEqual(fields(APPLICATIONS, application({}), { name: 'a'.repeat(59) }), ['metadata.name']);
});

test('what a Sync record says stays said', (t) => {
  const changed = validateUpdate(SYNCS, build(SYNCS, { ...record, revision: 'b'.repeat(40) }), build(SYNCS, record));
  t.deepEqual(changed.map(({ field }) => field), ['spec']);
});
