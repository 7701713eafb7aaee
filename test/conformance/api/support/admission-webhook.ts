import { networkInterfaces } from 'node:os';
import type { ValidatingWebhookConfiguration } from '#api/generated/admissionregistration/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ENDPOINT_SLICES, SERVICES } from '#api/resources.ts';
import { allow, deny, patch, startWebhookServer, type ReviewRequest } from '#test/support/webhook-server.ts';
import type { Scene } from './behaviour.ts';
import { builtIn } from './built-in.ts';

export const DISALLOW = { 'webhook-e2e-test': 'webhook-disallow' };
const DELAY_MS = 2_000;
export const SERVICE = 'e2e-test-webhook';

type Answer = (request: ReviewRequest) => object | Promise<object>;
const hasUnwanted = (values: object | undefined): boolean => (values as Readonly<Record<string, unknown>> | undefined)?.['webhook-e2e-test'] === 'webhook-disallow';
const dataOf = (request: ReviewRequest): Readonly<Record<string, string>> => ((request.object ?? request.oldObject) as ReviewRequest['object'])?.data ?? {};
const add = (path: string, value: unknown): object => ({ op: 'add', path, value });

function stages(request: ReviewRequest): object {
  const data = dataOf(request);
  const operations = [...(data['mutation-start'] === 'yes' ? [add('/data/mutation-stage-1', 'yes')] : []), ...(data['mutation-stage-1'] === 'yes' ? [add('/data/mutation-stage-2', 'yes')] : [])];
  return operations.length > 0 ? patch(...operations) : allow();
}

function judgePod({ object }: ReviewRequest): object | Promise<object> {
  const labels = object?.metadata.labels;
  if (labels?.['webhook-e2e-test'] === 'wait-forever') return new Promise(() => undefined);
  if (hasUnwanted(labels)) return deny('the pod contains unwanted label');
  const spec = object?.['spec'] as { readonly containers: readonly { readonly name: string }[] } | undefined;
  return spec?.containers.some((c) => c.name.includes('webhook-disallow')) ? deny('the pod contains unwanted container name') : allow();
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  '/always-deny': () => deny('this webhook denies all requests'),
  '/always-allow-delay': () => new Promise((resolve) => setTimeout(() => resolve(allow()), DELAY_MS)),
  '/add-label': ({ object }) => patch(object?.metadata.labels ? add('/metadata/labels/added-label', 'yes') : add('/metadata/labels', { 'added-label': 'yes' })),
  '/pods': judgePod,
  '/pods/attach': ({ name }) => deny(`attaching to pod '${name ?? ''}' is not allowed`),
  '/mutating-pods': () => patch(add('/spec/initContainers', [{ image: 'webhook-added-image', name: 'webhook-added-init-container', resources: {} }])),
  '/configmaps': (request) => (hasUnwanted(dataOf(request)) ? deny('the configmap contains unwanted key and value') : allow()),
  '/mutating-configmaps': stages,
  '/custom-resource': (request) => (hasUnwanted(dataOf(request)) ? deny('the custom resource contains unwanted data') : allow()),
  '/mutating-custom-resource': stages,
  '/crd': ({ object }) => (hasUnwanted(object?.metadata.labels) ? deny('the crd contains unwanted label') : allow()),
};

export interface Webhooks {
  readonly requests: readonly ReviewRequest[];
  /** `clientConfig` for a path of the server, through the Service where the machine has an address that endpoints may have. */
  clientConfig(path: string): object;
}

/** The webhooks of the suite's sample server, behind the Service `e2e-test-webhook` of the test's namespace. */
export async function startWebhooks(scene: Scene): Promise<Webhooks> {
  const { t, api, namespace } = scene;
  const address = Object.values(networkInterfaces()).flat().find((i) => i?.family === 'IPv4' && !i.internal)?.address;
  const server = await startWebhookServer(t, (request, path) => ANSWERS[path]?.(request) ?? deny(`nothing is at ${path}`), { host: '0.0.0.0', dnsNames: [`${SERVICE}.${namespace}.svc`] });
  const port = Number(new URL(server.url).port);
  const { caBundle, requests } = server;
  if (address === undefined) return { requests, clientConfig: (path) => ({ url: `https://127.0.0.1:${port}${path}`, caBundle }) };
  await api.create(SERVICES, { metadata: { name: SERVICE, namespace }, spec: { ports: [{ port: 8443, targetPort: 8444 }] } });
  await api.create(ENDPOINT_SLICES, {
    metadata: { name: SERVICE, namespace, labels: { 'kubernetes.io/service-name': SERVICE } }, addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }], ports: [{ name: '', port, protocol: 'TCP' }],
  });
  return { requests, clientConfig: (path) => ({ service: { namespace, name: SERVICE, path, port: 8443 }, caBundle }) };
}

export type Rule = readonly [operations: readonly string[], apiGroup: string, apiVersion: string, resource: string];

/** One webhook of a configuration, for the test's namespace only unless `isForAll`. */
export function webhook({ namespace }: Pick<Scene, 'namespace'>, name: string, clientConfig: object, [operations, apiGroup, apiVersion, resource]: Rule, { isForAll = false, ...extra }: { readonly isForAll?: boolean } & Readonly<Record<string, unknown>> = {}) {
  return {
    name: `${name}.k8s.io`, clientConfig, rules: [{ operations, apiGroups: [apiGroup], apiVersions: [apiVersion], resources: [resource] }], sideEffects: 'None', admissionReviewVersions: ['v1', 'v1beta1'],
    ...(isForAll ? {} : { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } }), ...extra,
  };
}

export type Configuration = ValidatingWebhookConfiguration & KubeObject;
export const RESOURCE_OF = { validating: builtIn<Configuration>('ValidatingWebhookConfiguration'), mutating: builtIn<Configuration>('MutatingWebhookConfiguration') } as const;

/** Creates a configuration, and takes it away before the namespace goes. */
export async function register({ t, api, unique }: Scene, type: keyof typeof RESOURCE_OF, webhooks: readonly object[], labels: Readonly<Record<string, string>> = {}): Promise<Configuration> {
  const name = unique(`e2e-${type}`);
  const made = await api.create(RESOURCE_OF[type], { metadata: { name, labels }, webhooks });
  t.teardown(() => api.deleteCollection(RESOURCE_OF[type], { query: { fieldSelector: `metadata.name=${name}` } }));
  return made as Configuration;
}
