import test from 'ava';
import { SharedParameters } from '#apiserver/openapi/shared-parameters.ts';

const query = (name: string, description: string): object => ({ uniqueItems: true, type: 'string', description, name, in: 'query' });
const body = (kind: string): object => ({ name: 'body', in: 'body', schema: { $ref: `#/definitions/${kind}` } });
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

// The names that Kubernetes publishes.
for (const [name, parameter] of [
  ['pretty-tJGM1-ng', query('pretty', "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser or command-line HTTP tool (curl and wget).")],
  ['namespace-vgWSWtn3', { uniqueItems: true, type: 'string', description: 'object name and auth scope, such as for teams and projects', name: 'namespace', in: 'path', required: true }],
  ['body-2Y1dVQaQ', body(`${META}.DeleteOptions`)],
] as const) {
  test(`${name} is what Kubernetes calls it`, (t) => {
    const shared = new SharedParameters();
    t.deepEqual([shared.refer({ ...parameter }), shared.refer({ ...parameter })], [{ $ref: `#/parameters/${name}` }, { $ref: `#/parameters/${name}` }]);
    t.deepEqual<unknown, unknown>(shared.all(), { [name]: parameter });
  });
}

for (const [title, parameter] of [
  ['names of objects tell the kind', { uniqueItems: true, type: 'string', description: 'name of the Pod', name: 'name', in: 'path', required: true }],
  ['bodies have the kind', body('io.k8s.api.core.v1.Pod')],
  ['kubectl looks for dryRun in operations', query('dryRun', 'All')], ['kubectl looks for fieldValidation in operations', query('fieldValidation', 'Strict')],
] as const) {
  test(`not shared: ${title}`, (t) => {
    const shared = new SharedParameters();
    t.deepEqual<unknown, unknown>([shared.refer({ ...parameter }), shared.all()], [parameter, {}]);
  });
}

test('two that say different things have different names', (t) => {
  const shared = new SharedParameters();
  t.notDeepEqual(shared.refer({ ...query('path', 'of pods') }), shared.refer({ ...query('path', 'of nodes') }));
});
