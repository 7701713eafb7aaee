import anyTest, { type TestFn } from 'ava';
import { ask, make, type PlaneContext, withPlane } from '#test/support/rule-table.ts';

const test = anyTest as TestFn<PlaneContext>;
withPlane(test);

const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';
const webhooks = (url: string): object => ({ webhooks: [{ name: 'a.b.example', clientConfig: { url }, sideEffects: 'None', admissionReviewVersions: ['v1'], failurePolicy: 'Ignore', rules: [] }] });
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
const template = (image: string): object => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const binding = { spec: { policyName: 'absent', validationActions: ['Deny'] } };

interface Counted {
  readonly path: string;
  readonly object: object;
  /** Merged into the object; `counts` says whether it is a new generation. */
  readonly change: object;
  readonly counts: boolean;
}
const COUNTED: readonly Counted[] = [
  { path: '/api/v1/namespaces/default/podtemplates', object: template('registry.example/a'), change: template('registry.example/b'), counts: true },
  { path: `${REGISTRATION}/validatingwebhookconfigurations`, object: webhooks('https://a.example'), change: webhooks('https://b.example'), counts: true },
  { path: `${REGISTRATION}/mutatingwebhookconfigurations`, object: webhooks('https://a.example'), change: webhooks('https://b.example'), counts: true },
  { path: `${REGISTRATION}/validatingadmissionpolicybindings`, object: binding, change: { spec: { validationActions: ['Audit'] } }, counts: true },
  { path: `${REGISTRATION}/mutatingadmissionpolicybindings`, object: { spec: { policyName: 'absent' } }, change: { spec: { matchResources: { objectSelector: { matchLabels: { a: 'b' } } } } }, counts: true },
  { path: '/apis/storage.k8s.io/v1/csidrivers', object: { spec: {} }, change: { spec: { requiresRepublish: true } }, counts: true },
  { path: SLICES, object: { addressType: 'IPv4', endpoints: [] }, change: { ports: [{ port: 80 }] }, counts: true },
  { path: '/apis/scheduling.k8s.io/v1/priorityclasses', object: { value: 1 }, change: { description: 'changed' }, counts: false },
];

for (const { path, object, change, counts } of COUNTED) {
  test(`${path.split('/').at(-1) ?? ''} have a generation, which ${counts ? 'counts changes of what they declare' : 'stays'}`, async (t) => {
    const { plane } = t.context;
    await make(t, plane, path, { metadata: { name: 'counted.example' }, ...object });
    const patch = async (body: object): Promise<number> => (await ask(plane, { method: 'PATCH', path: `${path}/counted.example`, type: 'application/merge-patch+json', body })).json.metadata.generation;
    t.is(await patch({ metadata: { annotations: { a: 'b' } } }), 1);
    t.is(await patch(change), counts ? 2 : 1);
    // By their labels slices are found.
    t.is(await patch({ metadata: { labels: { a: 'b' } } }), path === SLICES ? 3 : counts ? 2 : 1);
  });
}
