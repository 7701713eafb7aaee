import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { ADMIN, type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { waitFor } from '#test/support/wait.ts';

const run = promisify(execFile);
let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
});
test.after.always(() => plane?.stop());

const kubectl = async (...args: string[]): Promise<string> =>
  (await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), ...args], { timeout: 30_000 })).stdout;

async function file(name: string, text: string): Promise<string> {
  const path = join(plane.directory, `${name}.yaml`);
  await writeFile(path, text);
  return path;
}

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: crontabs.stable.example.com}
spec:
  group: stable.example.com
  scope: Namespaced
  names: {plural: crontabs, singular: crontab, kind: CronTab, shortNames: [ct], categories: [tabs]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources:
      status: {}
      scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas, labelSelectorPath: .status.labelSelector}
    additionalPrinterColumns:
    - {name: Spec, type: string, jsonPath: .spec.cronSpec}
    - {name: Replicas, type: integer, jsonPath: .spec.replicas}
    selectableFields: [{jsonPath: .spec.cronSpec}]
    schema:
      openAPIV3Schema:
        type: object
        description: A table of times
        properties:
          spec:
            type: object
            required: [cronSpec]
            properties:
              cronSpec: {type: string, pattern: '^(\\S+\\s){4}\\S+$', description: When it is done}
              image: {type: string, default: busybox}
              replicas: {type: integer, minimum: 1}
          status:
            type: object
            properties: {replicas: {type: integer}, labelSelector: {type: string}}
  - name: v1beta1
    served: true
    storage: false
    deprecated: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`;
const object = (name: string, spec: string): string => `apiVersion: stable.example.com/v1\nkind: CronTab\nmetadata: {name: ${name}, labels: {app: ${name}}}\nspec: ${spec}\n`;

test.serial('kubectl applies a definition and its objects at once, and shows its columns', async (t) => {
  t.regex(await kubectl('apply', '-f', await file('definition', DEFINITION)), /crontabs\.stable\.example\.com created/);
  await kubectl('wait', '--for=condition=established', 'crd/crontabs.stable.example.com', '--timeout=10s');
  t.regex(await kubectl('apply', '-f', await file('one', object('one', '{cronSpec: "* * * * 5", replicas: 2}'))), /crontab\.stable\.example\.com\/one created/);
  t.regex(await kubectl('apply', '-f', await file('one', object('one', '{cronSpec: "* * * * 5", replicas: 3}'))), /configured/);
  t.regex(await kubectl('apply', '-f', await file('one', object('one', '{cronSpec: "* * * * 5", replicas: 3}'))), /unchanged/);
  t.regex(await kubectl('get', 'ct'), /NAME\s+SPEC\s+REPLICAS\none\s+\* \* \* \* 5\s+3/);
  t.regex(await kubectl('get', 'tabs', '-o', 'name'), /crontab\.stable\.example\.com\/one/);
  t.is(await kubectl('get', 'ct', 'one', '-o', 'jsonpath={.spec.image}/{.metadata.generation}'), 'busybox/2');
});

test.serial('what the schema forbids is refused by name', async (t) => {
  const wrong = await t.throwsAsync(kubectl('apply', '-f', await file('wrong', object('wrong', '{cronSpec: "*", replicas: 0}'))));
  t.regex(wrong.message, /The CronTab "wrong" is invalid:[^]*spec\.cronSpec: Invalid value: "\*": spec\.cronSpec in body should match '\^\(\\S\+\\s\)\{4\}\\S\+\$'[^]*spec\.replicas: Invalid value: 0: spec\.replicas in body should be greater than or equal to 1/);
  const unknown = await t.throwsAsync(kubectl('apply', '-f', await file('unknown', object('unknown', '{cronSpec: "* * * * *", images: a}'))));
  t.regex(unknown.message, /strict decoding error: unknown field "spec\.images"/);
});

test.serial('explain tells of the schema', async (t) => {
  t.regex(await kubectl('explain', 'crontab'), /GROUP: +stable\.example\.com\nKIND: +CronTab\nVERSION: +v1\n[^]*A table of times[^]*metadata\s+<ObjectMeta>[^]*spec\s+<Object>/);
  t.regex(await kubectl('explain', 'ct.spec.cronSpec'), /FIELD: cronSpec <string>[^]*When it is done/);
});

test.serial('status and spec are written apart, and only the spec is counted', async (t) => {
  await kubectl('patch', 'ct', 'one', '--subresource=status', '--type=merge', '-p', '{"status":{"replicas":3,"labelSelector":"app=one"},"spec":{"replicas":9}}');
  t.is(await kubectl('get', 'ct', 'one', '-o', 'jsonpath={.status.replicas}/{.spec.replicas}/{.metadata.generation}'), '3/3/2');
  await kubectl('patch', 'ct', 'one', '--type=merge', '-p', '{"status":{"replicas":7}}');
  t.is(await kubectl('get', 'ct', 'one', '-o', 'jsonpath={.status.replicas}/{.metadata.generation}'), '3/2');
});

test.serial('scale reads and writes where the definition says', async (t) => {
  await kubectl('scale', 'ct', 'one', '--replicas=5');
  t.is(await kubectl('get', 'ct', 'one', '-o', 'jsonpath={.spec.replicas}'), '5');
  const scale = JSON.parse(await kubectl('get', '--raw', '/apis/stable.example.com/v1/namespaces/default/crontabs/one/scale')) as object;
  t.like(scale, { kind: 'Scale', apiVersion: 'autoscaling/v1', spec: { replicas: 5 }, status: { replicas: 3, selector: 'app=one' } });
});

test.serial('fields and labels select, server-side apply merges, strategic merge is no form of patch', async (t) => {
  await kubectl('apply', '--server-side', '-f', await file('two', object('two', '{cronSpec: "1 * * * *"}')));
  t.is(await kubectl('get', 'ct', '--field-selector=spec.cronSpec=1 * * * *', '-o', 'name'), 'crontab.stable.example.com/two\n');
  t.is(await kubectl('get', 'ct', '-l', 'app=one', '-o', 'name'), 'crontab.stable.example.com/one\n');
  const unknown = await t.throwsAsync(kubectl('get', 'ct', '--field-selector=spec.image=busybox'));
  t.regex(unknown.message, /field label not supported: spec\.image/);
  const strategic = await t.throwsAsync(kubectl('patch', 'ct', 'two', '--type=strategic', '-p', '{"spec":{"replicas":2}}'));
  t.regex(strategic.message, /application\/json-patch\+json, application\/merge-patch\+json, application\/apply-patch\+yaml/);
});

test.serial('what a definition serves no part or method of is told by name', async (t) => {
  const path = '/apis/stable.example.com/v1/namespaces/default/crontabs';
  const ask = async (method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE', below: string) => (await plane.server.handle({ method, path: `${path}${below}`, body: {} }, ADMIN)).body as { readonly code: number; readonly message: string };
  t.like(await ask('GET', '/one/log'), { code: 404, message: 'crontabs.stable.example.com "one" not found', details: { group: 'stable.example.com', kind: 'crontabs', name: 'one' } });
  t.like(await ask('PUT', ''), { code: 400, message: 'name must be provided' });
  t.like(await ask('DELETE', '/one/status'), { code: 405, message: 'delete is not supported on resources of kind "crontabs.stable.example.com"', details: { group: 'stable.example.com', kind: 'crontabs' } });
  t.like(await ask('POST', '/one/scale'), { code: 405, message: 'create is not supported on resources of kind "crontabs.stable.example.com"' });
});

test.serial('a deprecated version warns, and shows the same objects', async (t) => {
  const { stdout, stderr } = await run('kubectl', ['--kubeconfig', plane.kubeconfig, '--cache-dir', join(plane.directory, 'cache'), 'get', 'crontabs.v1beta1.stable.example.com', 'one', '-o', 'json']);
  t.like(JSON.parse(stdout), { apiVersion: 'stable.example.com/v1beta1', spec: { cronSpec: '* * * * 5' } });
  t.regex(stderr, /stable\.example\.com\/v1beta1 CronTab is deprecated; use stable\.example\.com\/v1 CronTab/);
});

test.serial('a watch tells of an object in the version that was asked for, and ends with the definition', async (t) => {
  const seen: string[] = [];
  const abort = new AbortController();
  t.teardown(() => abort.abort());
  const watching = (async () => {
    for await (const event of plane.server.watch({ method: 'GET', path: '/apis/stable.example.com/v1beta1/crontabs', signal: abort.signal }, ADMIN)) seen.push(`${event.type} ${event.object.apiVersion} ${event.object.metadata.name}`);
  })();
  await waitFor(() => seen.length === 2, { what: 'the objects that are there' });
  await kubectl('delete', 'crd', 'crontabs.stable.example.com', '--timeout=20s');
  await watching;
  t.deepEqual(seen.toSorted(), ['ADDED', 'DELETED'].flatMap((type) => ['one', 'two'].map((name) => `${type} stable.example.com/v1beta1 ${name}`)));
  const gone = await t.throwsAsync(kubectl('get', '--raw', '/apis/stable.example.com/v1/crontabs'));
  t.regex(gone.message, /the server could not find the requested resource/);
  t.notRegex(await kubectl('api-versions'), /stable\.example\.com/);
});
