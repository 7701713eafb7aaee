import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { waitFor } from '#test/support/wait.ts';
import { behaviour, type Scene } from './support/behaviour.ts';

const run = promisify(execFile);

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
  readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
}

interface AggregatedGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly resources: readonly { readonly resource: string; readonly responseKind: { readonly kind: string } }[] }[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const BASIC = [
  ['', 'v1', 'pods'], ['', 'v1', 'namespaces'], ['apps', 'v1', 'deployments'], ['batch', 'v1', 'jobs'], ['autoscaling', 'v1', 'horizontalpodautoscalers'],
  ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'], ['policy', 'v1', 'poddisruptionbudgets'], ['networking.k8s.io', 'v1', 'ingresses'],
] as const;

async function aggregated({ t, api }: Scene, accept: string): Promise<readonly AggregatedGroup[]> {
  const items: AggregatedGroup[] = [];
  for (const path of ['/api', '/apis']) {
    const answer = await api.raw(path, { accept });
    t.is(answer.status, 200);
    t.true(String(answer.headers['content-type']).startsWith('application/json'));
    const list = JSON.parse(answer.body.toString()) as { readonly kind: string; readonly apiVersion: string; readonly items: readonly AggregatedGroup[] };
    t.is(list.kind, 'APIGroupDiscoveryList');
    t.is(list.apiVersion, 'apidiscovery.k8s.io/v2');
    items.push(...list.items);
  }
  return items;
}

const holds = (groups: readonly AggregatedGroup[], [group, version, resource]: readonly [string, string, string]): boolean =>
  groups.find((g) => (g.metadata.name ?? '') === group)?.versions.find((v) => v.version === version)?.resources.some((r) => r.resource === resource) ?? false;

behaviour('[sig-api-machinery] AggregatedDiscovery should support aggregated discovery interface [Conformance]', async (scene) => {
  const groups = await aggregated(scene, `${AGGREGATED},application/json`);
  for (const known of BUILT_IN_RESOURCES) scene.t.true(holds(groups, [known.group, known.version, known.plural]), `${known.group}/${known.version} ${known.plural}`);
});

behaviour('[sig-api-machinery] AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers [Conformance]', async (scene) => {
  const groups = await aggregated(scene, AGGREGATED);
  for (const wanted of BASIC) scene.t.true(holds(groups, wanted), wanted.join('/'));
});

behaviour('[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]', async ({ t, api }) => {
  const { groups } = await api.document<{ readonly groups: readonly Group[] }>('/apis');
  t.true(groups.length > 15);
  for (const { name } of groups) {
    const group = await api.document<Group>(`/apis/${name}`);
    t.true(group.versions.some((v) => v.groupVersion === group.preferredVersion.groupVersion), name);
    t.is(group.preferredVersion.groupVersion, `${name}/${group.preferredVersion.version}`);
  }
});

behaviour('[sig-api-machinery] Discovery should locate the groupVersion and a resource within each APIGroup [Conformance]', async ({ t, api }) => {
  const tested: readonly (readonly [string, string])[] = [
    ['admissionregistration.k8s.io/v1', 'validatingwebhookconfigurations'], ['apiextensions.k8s.io/v1', 'customresourcedefinitions'], ['apiregistration.k8s.io/v1', 'apiservices'],
    ['apps/v1', 'deployments'], ['authentication.k8s.io/v1', 'tokenreviews'], ['authorization.k8s.io/v1', 'selfsubjectaccessreviews'], ['autoscaling/v1', 'horizontalpodautoscalers'],
    ['autoscaling/v2', 'horizontalpodautoscalers'], ['batch/v1', 'jobs'], ['certificates.k8s.io/v1', 'certificatesigningrequests'], ['coordination.k8s.io/v1', 'leases'],
    ['discovery.k8s.io/v1', 'endpointslices'], ['events.k8s.io/v1', 'events'], ['networking.k8s.io/v1', 'ingresses'], ['node.k8s.io/v1', 'runtimeclasses'], ['policy/v1', 'poddisruptionbudgets'],
    ['scheduling.k8s.io/v1', 'priorityclasses'], ['storage.k8s.io/v1', 'csinodes'],
  ];
  for (const [groupVersion, resource] of tested) {
    const list = await api.document<{ readonly kind: string; readonly groupVersion: string; readonly resources: readonly { readonly name: string }[] }>(`/apis/${groupVersion}`);
    t.is(list.kind, 'APIResourceList');
    t.is(list.groupVersion, groupVersion);
    t.true(list.resources.some((r) => r.name === resource), `${resource} in ${groupVersion}`);
  }
});

behaviour('[sig-api-machinery] server version should find the server version [Conformance]', async ({ t, api }) => {
  const version = await api.document<{ readonly major: string; readonly minor: string; readonly gitVersion: string }>('/version');
  t.regex(version.major, /^[1-9]\d*$/);
  t.regex(version.minor, /^\d+$/);
  t.regex(version.gitVersion, /^v1\.\d+\.\d+/);
});

behaviour('[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]', async ({ t, api, namespace }) => {
  const review = { kind: 'SelfSubjectAccessReview', apiVersion: 'authorization.k8s.io/v1', spec: { resourceAttributes: { namespace, verb: 'list', resource: 'pods' } } };
  const headers = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io', 'content-type': 'application/json' };
  const answer = await api.raw('/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', headers, 'POST', Buffer.from(JSON.stringify(review)));
  t.is(answer.status, 406);
  t.is((JSON.parse(answer.body.toString()) as { readonly reason?: string }).reason, 'NotAcceptable');
});

behaviour('[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]', async ({ t, server }) => {
  const { stdout } = await run('kubectl', ['version', '-o', 'yaml'], { env: { ...process.env, KUBECONFIG: server.kubeconfig } });
  const [, serverPart = ''] = stdout.split('serverVersion:');
  for (const field of ['major', 'minor', 'gitVersion', 'gitCommit', 'buildDate', 'goVersion', 'compiler', 'platform']) t.regex(serverPart, new RegExp(`${field}: \\S{3,}|${field}: "\\d+"`), field);
});

behaviour('[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]', async ({ t, server }) => {
  const { stdout } = await run('kubectl', ['cluster-info'], { env: { ...process.env, KUBECONFIG: server.kubeconfig } });
  t.regex(stdout, /Kubernetes control plane/);
  t.regex(stdout, /is running at/);
});

behaviour('[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]', async ({ t, server }) => {
  const proxy = spawn('kubectl', ['proxy', '--port=0', '--disable-filter'], { env: { ...process.env, KUBECONFIG: server.kubeconfig }, stdio: ['ignore', 'pipe', 'pipe'] });
  t.teardown(async () => {
    const exited = once(proxy, 'exit');
    if (proxy.kill('SIGTERM')) await exited;
  });
  let output = '';
  for (const stream of [proxy.stdout, proxy.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const port = await waitFor(() => /Starting to serve on 127\.0\.0\.1:(\d+)/.exec(output)?.[1], { what: 'kubectl proxy to serve' });
  const { versions } = (await (await fetch(`http://127.0.0.1:${port}/api/`)).json()) as { readonly versions: readonly string[] };
  t.true(versions.includes('v1'));
});
