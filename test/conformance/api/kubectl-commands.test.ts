import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { CONFIG_MAPS, CRON_JOBS, NODES, PODS, RESOURCE_QUOTAS } from '#api/resources.ts';
import { exec } from '#test/support/headway.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { becomes, eventually, newPod } from './support/workloads.ts';

const KUBECTL = '[sig-cli] Kubectl client';
const environment = ({ server }: Scene): NodeJS.ProcessEnv => ({ ...process.env, KUBECONFIG: server.kubeconfig, HOME: server.dataDir });

/** What kubectl prints, also when it fails. */
async function kubectl(scene: Scene, args: readonly string[], { input, env = {} }: { readonly input?: string | object; readonly env?: Readonly<Record<string, string>> } = {}): Promise<string> {
  const stdin = typeof input === 'object' ? JSON.stringify(input) : input;
  const { stdout, stderr } = await exec('kubectl', ['--namespace', scene.namespace, ...args], { env: { ...environment(scene), ...env }, timeoutMs: 50_000, stdin });
  return `${stdout}${stderr}`;
}
const STDIN = ['-f', '-'] as const;

behaviour(`${KUBECTL} kubectl get componentstatuses should get componentstatuses`, async (scene) => {
  scene.t.regex(await kubectl(scene, ['get', 'componentstatuses', '-o', 'jsonpath={.items[*].metadata.name}']), /etcd-0/);
  scene.t.regex(await kubectl(scene, ['get', 'componentstatuses', 'etcd-0']), /etcd-0\s+Healthy/);
});

behaviour(`${KUBECTL} Kubectl prune with applyset should apply and prune objects`, async (scene) => {
  const { t, api, namespace } = scene;
  const map = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } });
  const apply = (...items: readonly object[]) => kubectl(scene, ['apply', '--prune', '--applyset=applyset1', ...STDIN], { input: { apiVersion: 'v1', kind: 'List', items }, env: { KUBECTL_APPLYSET: 'true' } });
  const names = async () => (await api.list(CONFIG_MAPS, { namespace })).items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('cm'));
  await apply(map('cm1'), map('cm2'));
  t.deepEqual(await names(), ['cm1', 'cm2']);
  t.regex(await apply(map('cm2')), /configmap\/cm1 pruned/);
  t.deepEqual(await names(), ['cm2']);
});

behaviour(`${KUBECTL} Kubectl cluster-info dump should check if cluster-info dump succeeds`, async (scene) => {
  scene.t.regex(await kubectl(scene, ['cluster-info', 'dump', '--namespaces', scene.namespace]), /"kind": "NodeList"[^]*"kind": "EventList"[^]*"kind": "PodList"/);
});

behaviour(`${KUBECTL} Kubectl describe should check if kubectl describe prints relevant information for cronjob`, async (scene) => {
  const { t, api, namespace } = scene;
  const podSpec = { restartPolicy: 'Never', containers: [{ name: 'test', image: 'example.org/busybox:1', args: ['/bin/true'] }] };
  await api.create(CRON_JOBS, { metadata: { name: 'cronjob-test' }, spec: { concurrencyPolicy: 'Allow', schedule: '*/1 * * * *', startingDeadlineSeconds: 30, jobTemplate: { spec: { template: { spec: podSpec } } } } }, { namespace });
  const text = await kubectl(scene, ['describe', 'cronjob', 'cronjob-test']);
  for (const line of [/Name:\s+cronjob-test/, /Schedule:\s+\*\/1 \* \* \* \*/, /Concurrency Policy:\s+Allow/, /Suspend:\s+False/, /Successful Job History Limit:\s+3/, /Failed Job History Limit:\s+1/, /Starting Deadline Seconds:\s+30s/, /Active Jobs:\s+<none>/]) t.regex(text, line);
});

behaviour(`${KUBECTL} Kubectl taint should update the taint on a node, and remove all the taints with the same key off a node [Serial]`, async (scene) => {
  const { t, api, unique } = scene;
  // One for each encoding: kubectl writes the whole list.
  const { items } = await api.list(NODES);
  const name = items[api.codec.encoding === 'JSON' ? 0 : 1]?.metadata.name ?? '';
  const key = `kubernetes.io/${unique('e2e-taint-key')}`;
  const taints = async () => ((await api.get(NODES, name)).spec?.taints ?? []).filter((taint) => taint.key === key).map(({ value, effect }) => `${value ?? ''}:${effect}`).toSorted();
  t.teardown(() => kubectl(scene, ['taint', 'nodes', name, `${key}-`]));
  await kubectl(scene, ['taint', 'nodes', name, `${key}=testing-taint-value:PreferNoSchedule`]);
  t.deepEqual(await taints(), ['testing-taint-value:PreferNoSchedule']);
  t.regex(await kubectl(scene, ['describe', 'node', name]), new RegExp(`Taints:[^]*${key}=testing-taint-value:PreferNoSchedule`));
  await kubectl(scene, ['taint', 'nodes', name, `${key}:PreferNoSchedule-`]);
  t.deepEqual(await taints(), []);
});

behaviour(`${KUBECTL} Kubectl events should show event when pod is created`, async (scene) => {
  const { t, api, namespace } = scene;
  await api.create(PODS, newPod('e2e-test-httpd-pod'), { namespace });
  await becomes(scene, PODS, 'e2e-test-httpd-pod', ({ status }) => status?.phase === 'Running', 'to run');
  await eventually(async () => /Normal\s+Scheduled\s+Pod\/e2e-test-httpd-pod/.test(await kubectl(scene, ['events', '--for=pod/e2e-test-httpd-pod'])), { what: 'the event of the scheduler' });
  t.notRegex(await kubectl(scene, ['events', '--types=Warning']), /e2e-test-httpd-pod/);
});

behaviour(`${KUBECTL} Kubectl create quota should create a quota without scopes, and reject quota with invalid scopes`, async (scene) => {
  const { t, api, namespace } = scene;
  await kubectl(scene, ['create', 'quota', 'million', '--hard=pods=1000000,services=1000000']);
  t.deepEqual((await api.get(RESOURCE_QUOTAS, 'million', { namespace })).spec?.hard, { pods: '1M', services: '1M' });
  t.regex(await kubectl(scene, ['create', 'quota', 'scopes', '--hard=pods=1000000', '--scopes=Foo']), /unsupported scope|[Uu]nsupported value|invalid/);
  t.is((await api.failure(api.get(RESOURCE_QUOTAS, 'scopes', { namespace }))).reason, 'NotFound');
});

behaviour(`${KUBECTL} kubectl wait should ignore not found error with --for=delete`, async (scene) => {
  scene.t.is(await kubectl(scene, ['wait', '--for=delete', 'pod/doesnotexist']), '');
});

behaviour(`${KUBECTL} kubectl subresource flag should be used to get and patch the status and the scale of a resource`, async (scene) => {
  const { t, api, namespace } = scene;
  await kubectl(scene, ['create', 'deployment', 'web', '--image=example.org/none:1']);
  t.regex(await kubectl(scene, ['get', 'deployment', 'web', '--subresource=scale']), /NAME\s+DESIRED\s+AVAILABLE\s+AGE\nweb\s+1/);
  t.regex(await kubectl(scene, ['patch', 'deployment', 'web', '--subresource=scale', '--type=merge', '-p', '{"spec":{"replicas":0}}']), /scale\.autoscaling\/web patched/);
  await api.create(PODS, newPod('pod'), { namespace });
  await kubectl(scene, ['patch', 'pod', 'pod', '--subresource=status', '--type=merge', '-p', '{"status":{"conditions":[{"type":"Tested","status":"True"}]}}']);
  t.regex(await kubectl(scene, ['get', 'pod', 'pod', '--subresource=status', '-o', 'jsonpath={.metadata.name}']), /^pod$/);
});

behaviour(`${KUBECTL} Proxy server should support --unix-socket=/path [Conformance]`, async (scene) => {
  const path = join(temporaryDirectory('kubectl-proxy'), 'test');
  const proxy = spawn('kubectl', ['proxy', `--unix-socket=${path}`], { env: environment(scene), stdio: ['ignore', 'pipe', 'inherit'] });
  scene.t.teardown(async () => {
    const exited = once(proxy, 'exit');
    if (proxy.kill('SIGTERM')) await exited;
  });
  let output = '';
  proxy.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(() => output.includes('Starting to serve'), { what: 'kubectl proxy to serve' });
  const asked = request({ socketPath: path, path: '/api/' });
  asked.end();
  const [response] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  scene.t.deepEqual((JSON.parse(body) as { readonly versions: readonly string[] }).versions, ['v1']);
});

const VALIDATION = `${KUBECTL} Kubectl validation`;
const BARS = {
  type: 'object', description: 'Foo CRD for Testing',
  properties: {
    spec: {
      type: 'object', description: 'Specification of Foo', 'x-kubernetes-preserve-unknown-fields': true,
      properties: { bars: { description: 'List of Bars and their specs.', type: 'array', items: { type: 'object', required: ['name'], properties: { name: { description: 'Name of Bar.', type: 'string' }, age: { type: 'string' } } } } },
    },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { metadata: { type: 'object', properties: { name: { type: 'string' } } }, spec: { type: 'object' } } },
  },
};

behaviour(`${VALIDATION} should create/apply a CR with unknown fields for CRD with no validation schema`, async (scene) => {
  const { group, kind } = await createCustom(scene);
  for (const command of ['create', 'apply']) {
    const input = { apiVersion: `${group}/v1`, kind, metadata: { name: `test-${command}` }, a: { b: [{ c: 'd' }] } };
    scene.t.regex(await kubectl(scene, [command, '--validate=true', ...STDIN], { input }), new RegExp(`test-${command} created`));
  }
});

behaviour(`${VALIDATION} should create/apply an invalid/valid CR with arbitrary-extra properties for CRD with partially-specified validation schema`, async (scene) => {
  const { t } = scene;
  const { group, kind } = await createCustom(scene, { versions: [{ name: 'v1', schema: BARS }] });
  const say = (command: string, name: string, more: object) => kubectl(scene, [command, '--validate=true', ...STDIN], { input: { apiVersion: `${group}/v1`, kind, metadata: { name }, ...more } });
  for (const command of ['create', 'apply']) {
    t.regex(await say(command, `valid-${command}`, { spec: { bars: [{ name: 'test-bar' }], extraProperty: 'arbitrary-value' } }), /created/);
    t.regex(await say(command, 'extra', { extraProperty: 'arbitrary-value', spec: { bars: [{ name: 'test-bar' }] } }), /unknown field "extraProperty"/);
    t.regex(await say(command, 'missing', { spec: { bars: [{ age: '10' }] } }), /spec\.bars\[0\]\.name: Required value/);
  }
});

behaviour(`${VALIDATION} should detect unknown metadata fields in both the root and embedded object of a CR`, async (scene) => {
  const { t } = scene;
  const { group, kind } = await createCustom(scene, { versions: [{ name: 'v1', schema: BARS }] });
  const input = `{"apiVersion":"${group}/v1","kind":"${kind}","metadata":{"name":"test-cr","unknownMetaField":"a"},"template":{"apiVersion":"foo/v1","kind":"Sub","metadata":{"name":"sub","unknownSubField":"b"}}}`;
  const said = await kubectl(scene, ['create', '--validate=true', ...STDIN], { input });
  t.regex(said, /unknown field "metadata\.unknownMetaField"/);
  t.regex(said, /unknown field "template\.metadata\.unknownSubField"/);
});

behaviour(`${VALIDATION} should detect unknown metadata fields of a typed object`, async (scene) => {
  const input = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'map', unknownMetaField: 'a' } };
  scene.t.regex(await kubectl(scene, ['create', '--validate=true', ...STDIN], { input }), /unknown field "metadata\.unknownMetaField"/);
});
