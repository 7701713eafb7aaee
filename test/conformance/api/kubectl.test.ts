import { DEPLOYMENTS, ENDPOINT_SLICES, ENDPOINTS, EVENTS, PODS, REPLICATION_CONTROLLERS, SERVICES } from '#api/resources.ts';
import { exec } from '#test/support/headway.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { createCustom } from './support/custom-resource.ts';
import { becomes, eventually, newPod, newReplicationController, podsOf, runReplicationController, runs } from './support/workloads.ts';

const KUBECTL = '[sig-cli] Kubectl client';

/** kubectl in the test's namespace; rejects when it fails, unless `mayFail`. */
async function kubectl({ server, namespace }: Scene, args: readonly string[], { input, mayFail = false }: { readonly input?: object; readonly mayFail?: boolean } = {}): Promise<string> {
  const { code, stdout, stderr } = await exec('kubectl', ['--namespace', namespace, ...args], { env: { KUBECONFIG: server.kubeconfig, HOME: server.dataDir }, timeoutMs: 50_000, stdin: input && JSON.stringify(input) });
  if (code === 0) return stdout;
  if (mayFail) return `${stdout}${stderr}`;
  throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}
const STDIN = ['-f', '-'] as const;
const runOne = async (scene: Scene, name: string, labels: Readonly<Record<string, string>> = {}) => {
  await scene.api.create(PODS, newPod(name, labels), { namespace: scene.namespace });
  await becomes(scene, PODS, name, ({ status }) => status?.phase === 'Running', 'to run');
};

behaviour(`${KUBECTL} Kubectl api-versions should check if v1 is in available api versions [Conformance]`, async (scene) => {
  scene.t.regex(await kubectl(scene, ['api-versions']), /^v1$/m);
});

behaviour(`${KUBECTL} Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'agnhost-primary', 1);
  await api.create(SERVICES, { metadata: { name: 'agnhost-primary' }, spec: { selector: { name: 'agnhost-primary' }, ports: [{ port: 6379, targetPort: 6379 }] } }, { namespace });
  const [pod] = await podsOf(scene, 'name=agnhost-primary');
  await becomes(scene, ENDPOINTS, 'agnhost-primary', ({ subsets }) => subsets?.[0]?.addresses?.length === 1, 'to name the pod');
  await eventually(async () => (await api.list(ENDPOINT_SLICES, { namespace })).items.some(({ endpoints }) => endpoints?.length === 1), { what: 'the slice with the pod' });
  await eventually(async () => (await api.list(EVENTS, { namespace })).items.some(({ reason, involvedObject }) => reason === 'SuccessfulCreate' && involvedObject.name === 'agnhost-primary'), { what: 'the event of the pod' });
  const has = (text: string, parts: readonly RegExp[]) => parts.forEach((part) => t.regex(text, part));
  has(await kubectl(scene, ['describe', 'pod', pod?.metadata.name ?? '']), [/Name:\s+agnhost-primary-/, /Namespace:/, /Node:\s+sim-/, /Labels:\s+name=agnhost-primary/, /Status:\s+Running/, /IP:/, /Controlled By:\s+ReplicationController\/agnhost-primary/, /Image:\s+example\.org/, /State:\s+Running/, /QoS Class:\s+BestEffort/]);
  has(await kubectl(scene, ['describe', 'rc', 'agnhost-primary']), [/Name:\s+agnhost-primary/, /Selector:\s+name=agnhost-primary/, /Replicas:\s+1 current \/ 1 desired/, /Pods Status:\s+1 Running \/ 0 Waiting/, /SuccessfulCreate/]);
  has(await kubectl(scene, ['describe', 'service', 'agnhost-primary']), [/Name:\s+agnhost-primary/, /Type:\s+ClusterIP/, /IP:/, /Port:\s+<unset>\s+6379\/TCP/, /Endpoints:\s+\d+\.\d+\.\d+\.\d+:6379/, /Session Affinity:\s+None/]);
  has(await kubectl(scene, ['describe', 'node', pod?.spec?.nodeName ?? '']), [/Name:\s+sim-/, /Labels:/, /Conditions:/, /MemoryPressure/, /Ready/, /Addresses:/, /Capacity:/, /Kubelet Version:/]);
  has(await kubectl(scene, ['describe', 'namespace', namespace]), [/Name:\s+conformance-/, /Labels:/, /Status:\s+Active/, /No resource quota/, /No LimitRange resource/]);
});

behaviour(`${KUBECTL} Kubectl expose should create services for rc [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await runReplicationController(scene, 'agnhost-primary', 1);
  await kubectl(scene, ['expose', 'rc', 'agnhost-primary', '--name=rm2', '--port=1234', '--target-port=6379']);
  t.like((await api.get(SERVICES, 'rm2', { namespace })).spec?.ports?.[0], { port: 1234, targetPort: 6379 });
  await kubectl(scene, ['expose', 'service', 'rm2', '--name=rm3', '--port=2345', '--target-port=6379']);
  t.like((await api.get(SERVICES, 'rm3', { namespace })).spec, { selector: { name: 'agnhost-primary' } });
});

behaviour(`${KUBECTL} Kubectl label should update the label on a resource [Conformance]`, async (scene) => {
  const { t } = scene;
  await runOne(scene, 'pause');
  await kubectl(scene, ['label', 'pods', 'pause', 'testing-label=testing-label-value']);
  t.regex(await kubectl(scene, ['get', 'pod', 'pause', '-L', 'testing-label']), /testing-label-value/);
  await kubectl(scene, ['label', 'pods', 'pause', 'testing-label-']);
  t.notRegex(await kubectl(scene, ['get', 'pod', 'pause', '-L', 'testing-label']), /testing-label-value/);
});

behaviour(`${KUBECTL} Kubectl patch should add annotations for pods in rc [Conformance]`, async (scene) => {
  const { t } = scene;
  await runReplicationController(scene, 'agnhost-primary', 1);
  const [pod] = await podsOf(scene, 'name=agnhost-primary');
  await kubectl(scene, ['patch', 'pod', pod?.metadata.name ?? '', '-p', '{"metadata":{"annotations":{"x":"y"}}}']);
  t.is((await podsOf(scene, 'name=agnhost-primary'))[0]?.metadata.annotations?.['x'], 'y');
});

behaviour(`${KUBECTL} Kubectl replace should update a single-container pod's image [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await kubectl(scene, ['run', 'e2e-test-httpd-pod', '--image=example.org/httpd:1', '--pod-running-timeout=2m0s', '--labels=run=e2e-test-httpd-pod']);
  await becomes(scene, PODS, 'e2e-test-httpd-pod', ({ status }) => status?.phase === 'Running', 'to run');
  const text = await kubectl(scene, ['get', 'pod', 'e2e-test-httpd-pod', '-o', 'json']);
  const pod = JSON.parse(text.replaceAll('example.org/httpd:1', 'example.org/busybox:1')) as { readonly metadata: object };
  // Without its version: the node goes on to write the status.
  await kubectl(scene, ['replace', ...STDIN], { input: { ...pod, metadata: { ...pod.metadata, resourceVersion: undefined } } });
  t.is((await api.get(PODS, 'e2e-test-httpd-pod', { namespace })).spec?.containers[0]?.image, 'example.org/busybox:1');
});

behaviour(`${KUBECTL} Kubectl run pod should create a pod from an image when restart is Never [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await kubectl(scene, ['run', 'e2e-test-httpd-pod', '--restart=Never', '--image=example.org/httpd:1']);
  t.like((await api.get(PODS, 'e2e-test-httpd-pod', { namespace })).spec, { restartPolicy: 'Never', containers: [{ image: 'example.org/httpd:1' }] });
});

behaviour(`${KUBECTL} Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  await kubectl(scene, ['run', 'e2e-test-httpd-pod', '--image=example.org/httpd:1']);
  await kubectl(scene, ['patch', 'pod', 'e2e-test-httpd-pod', '-p', '{"spec":{"containers":[{"name": "e2e-test-httpd-pod","image": "example.org/busybox:1"}]}}', '--dry-run=server']);
  t.is((await api.get(PODS, 'e2e-test-httpd-pod', { namespace })).spec?.containers[0]?.image, 'example.org/httpd:1');
});

behaviour(`${KUBECTL} Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]`, async (scene) => {
  const { t, api, namespace } = scene;
  const deployment = (image: string) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'httpd-deployment' }, spec: { replicas: 1, selector: { matchLabels: { app: 'httpd' } }, template: { metadata: { labels: { app: 'httpd' } }, spec: { containers: [{ name: 'httpd', image }] } } } });
  await kubectl(scene, ['create', ...STDIN], { input: deployment('example.org/httpd:1') });
  const difference = await kubectl(scene, ['diff', ...STDIN], { input: deployment('example.org/busybox:1'), mayFail: true });
  t.regex(difference, /^-\s+- image: example\.org\/httpd:1$/m);
  t.regex(difference, /^\+\s+- image: example\.org\/busybox:1$/m);
  t.is((await api.get(DEPLOYMENTS, 'httpd-deployment', { namespace })).spec?.template?.spec?.containers[0]?.image, 'example.org/httpd:1');
});

behaviour(`${KUBECTL} Update Demo should create and stop a replication controller [Conformance]`, async (scene) => {
  const input = { apiVersion: 'v1', kind: 'ReplicationController', ...newReplicationController('update-demo-nautilus', 2) };
  await kubectl(scene, ['create', ...STDIN], { input });
  await runs(scene, 'name=update-demo-nautilus', 2);
  await kubectl(scene, ['delete', '--grace-period=0', '--force', ...STDIN], { input });
  scene.t.is((await scene.api.list(REPLICATION_CONTROLLERS, { namespace: scene.namespace })).items.length, 0);
  await runs(scene, 'name=update-demo-nautilus', 0);
});

behaviour(`${KUBECTL} Update Demo should scale a replication controller [Conformance]`, async (scene) => {
  await runReplicationController(scene, 'update-demo-nautilus', 2);
  for (const count of [1, 2]) {
    await kubectl(scene, ['scale', 'rc', 'update-demo-nautilus', `--replicas=${count}`, '--timeout=5m']);
    await runs(scene, 'name=update-demo-nautilus', count);
  }
  scene.t.pass();
});

behaviour(`${KUBECTL} Kubectl apply should reuse port when apply to an existing SVC`, async (scene) => {
  const { t, api, namespace } = scene;
  const input = (labels: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'agnhost-primary', labels }, spec: { type: 'NodePort', ports: [{ port: 6379 }] } });
  await kubectl(scene, ['apply', ...STDIN], { input: input({}) });
  const port = (await api.get(SERVICES, 'agnhost-primary', { namespace })).spec?.ports?.[0]?.nodePort;
  await kubectl(scene, ['apply', ...STDIN], { input: input({ changed: 'yes' }) });
  t.is((await api.get(SERVICES, 'agnhost-primary', { namespace })).spec?.ports?.[0]?.nodePort, port);
});

behaviour(`${KUBECTL} Kubectl validation should create/apply a valid CR for CRD with validation schema`, async (scene) => {
  const { t } = scene;
  const schema = { type: 'object', properties: { spec: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } } };
  const custom = await createCustom(scene, { versions: [{ name: 'v1', schema }] });
  const input = (spec: object, name = 'test-cr') => ({ apiVersion: `${custom.group}/v1`, kind: custom.kind, metadata: { name }, spec });
  t.regex(await kubectl(scene, ['create', '--validate=true', ...STDIN], { input: input({ name: 'valid' }) }), /created/);
  t.regex(await kubectl(scene, ['apply', '--validate=true', ...STDIN], { input: input({ name: 'valid', unknown: 1 }), mayFail: true }), /unknown field "spec\.unknown"/);
  t.regex(await kubectl(scene, ['apply', '--validate=true', ...STDIN], { input: input({}, 'without-name'), mayFail: true }), /spec\.name: Required value/);
  t.regex(await kubectl(scene, ['explain', `${custom.plural}.spec`]), /name\s+<string> -required-/);
});

behaviour(`${KUBECTL} Kubectl create quota should create a quota with scopes`, async (scene) => {
  const { t } = scene;
  await kubectl(scene, ['create', 'quota', 'scopes', '--hard=pods=1000000', '--scopes=BestEffort,NotTerminating']);
  t.is(await kubectl(scene, ['get', 'quota', 'scopes', '-o', 'jsonpath={.spec.scopes[*]}']), 'BestEffort NotTerminating');
  t.regex(await kubectl(scene, ['create', 'quota', 'bad', '--hard=hard=pods=1000000', '--scopes=Foo'], { mayFail: true }), /[Ii]nvalid|unsupported/);
});

behaviour(`${KUBECTL} Kubectl apply apply set/view last-applied`, async (scene) => {
  const { t } = scene;
  const input = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied' }, data: { a: '1' } };
  await kubectl(scene, ['apply', ...STDIN], { input });
  t.regex(await kubectl(scene, ['apply', 'view-last-applied', 'configmap/applied']), /a: "1"/);
  await kubectl(scene, ['apply', 'set-last-applied', ...STDIN], { input: { ...input, data: { a: '2' } } });
  t.regex(await kubectl(scene, ['apply', 'view-last-applied', 'configmap/applied']), /a: "2"/);
});
