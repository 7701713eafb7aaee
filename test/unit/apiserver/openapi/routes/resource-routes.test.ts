import test from 'ava';
import { DescriptionReader } from '#api/descriptions.ts';
import { CERTIFICATE_SIGNING_REQUESTS, COMPONENT_STATUSES, CONFIG_MAPS, DEPLOYMENTS, ENDPOINTS, INGRESS_CLASSES, NAMESPACES, PODS, SERVICE_ACCOUNTS, SUBJECT_ACCESS_REVIEWS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { loadSchema } from '#api/schema.ts';
import { OptionParameters } from '#apiserver/openapi/routes/option-parameters.ts';
import { ResourceRoutes } from '#apiserver/openapi/routes/resource-routes.ts';
import type { Route } from '#apiserver/openapi/routes/route.ts';
import { SchemaNames } from '#apiserver/openapi/schema-names.ts';
import { customType } from '#test/support/custom-type.ts';

const schema = loadSchema();
const routes = new ResourceRoutes({ names: new SchemaNames(schema), parameters: new OptionParameters({ schema, descriptions: new DescriptionReader() }) });
const CRON_TABS = customType({ subresources: ['status', 'scale'] });

interface Case {
  readonly title: string;
  readonly resource: ResourceType;
  /** Of the paths below `root` only those with this in them. */
  readonly with?: string;
  readonly root: string;
  readonly operations: readonly string[];
}
const all = (methods: readonly string[], write: (method: string) => string): readonly string[] => methods.map((method) => `${method.toLowerCase()} ${write(method)}`);
const OPERATIONS: readonly Case[] = [
  {
    title: 'a namespaced resource', resource: CONFIG_MAPS, root: '/api/v1',
    operations: [
      'get /configmaps listCoreV1ConfigMapForAllNamespaces', 'get /namespaces/{namespace}/configmaps listCoreV1NamespacedConfigMap', 'post /namespaces/{namespace}/configmaps createCoreV1NamespacedConfigMap',
      'delete /namespaces/{namespace}/configmaps deleteCoreV1CollectionNamespacedConfigMap', 'get /namespaces/{namespace}/configmaps/{name} readCoreV1NamespacedConfigMap',
      'put /namespaces/{namespace}/configmaps/{name} replaceCoreV1NamespacedConfigMap', 'patch /namespaces/{namespace}/configmaps/{name} patchCoreV1NamespacedConfigMap',
      'delete /namespaces/{namespace}/configmaps/{name} deleteCoreV1NamespacedConfigMap', 'get /watch/configmaps watchCoreV1ConfigMapListForAllNamespaces',
      'get /watch/namespaces/{namespace}/configmaps watchCoreV1NamespacedConfigMapList', 'get /watch/namespaces/{namespace}/configmaps/{name} watchCoreV1NamespacedConfigMap',
    ],
  },
  {
    title: 'a cluster-scoped resource', resource: INGRESS_CLASSES, root: '/apis/networking.k8s.io/v1',
    operations: [
      'get /ingressclasses listNetworkingV1IngressClass', 'post /ingressclasses createNetworkingV1IngressClass', 'delete /ingressclasses deleteNetworkingV1CollectionIngressClass',
      'get /ingressclasses/{name} readNetworkingV1IngressClass', 'put /ingressclasses/{name} replaceNetworkingV1IngressClass', 'patch /ingressclasses/{name} patchNetworkingV1IngressClass',
      'delete /ingressclasses/{name} deleteNetworkingV1IngressClass', 'get /watch/ingressclasses watchNetworkingV1IngressClassList', 'get /watch/ingressclasses/{name} watchNetworkingV1IngressClass',
    ],
  },
  { title: 'a resource that is only asked', resource: SUBJECT_ACCESS_REVIEWS, root: '/apis/authorization.k8s.io/v1', operations: ['post /subjectaccessreviews createAuthorizationV1SubjectAccessReview'] },
  { title: 'a resource that is not watched', resource: COMPONENT_STATUSES, root: '/api/v1', operations: ['get /componentstatuses listCoreV1ComponentStatus', 'get /componentstatuses/{name} readCoreV1ComponentStatus'] },
  { title: 'a subresource that is only written', resource: NAMESPACES, with: '/finalize', root: '/api/v1/namespaces/{name}', operations: ['put /finalize replaceCoreV1NamespaceFinalize'] },
  {
    title: 'a subresource that is read and written', resource: CERTIFICATE_SIGNING_REQUESTS, with: '/approval', root: '/apis/certificates.k8s.io/v1/certificatesigningrequests/{name}',
    operations: ['get /approval readCertificatesV1CertificateSigningRequestApproval', 'put /approval replaceCertificatesV1CertificateSigningRequestApproval', 'patch /approval patchCertificatesV1CertificateSigningRequestApproval'],
  },
  { title: 'a connection', resource: PODS, with: '/exec', root: '/api/v1/namespaces/{namespace}/pods/{name}', operations: all(['Get', 'Post'], (method) => `/exec connectCoreV1${method}NamespacedPodExec`) },
  {
    title: 'a proxy', resource: PODS, with: '/proxy', root: '/api/v1/namespaces/{namespace}/pods/{name}',
    operations: [['', ''], ['/{path}', 'WithPath']].flatMap(([rest, end]) => all(['Get', 'Put', 'Post', 'Delete', 'Options', 'Head', 'Patch'], (method) => `/proxy${rest} connectCoreV1${method}NamespacedPodProxy${end}`)),
  },
  {
    title: 'a custom resource', resource: CRON_TABS, root: '/apis/stable.example.com/v1',
    operations: [
      'get /crontabs listStableExampleComV1CronTabForAllNamespaces', 'get /namespaces/{namespace}/crontabs listStableExampleComV1NamespacedCronTab', 'post /namespaces/{namespace}/crontabs createStableExampleComV1NamespacedCronTab',
      'delete /namespaces/{namespace}/crontabs deleteStableExampleComV1CollectionNamespacedCronTab', 'get /namespaces/{namespace}/crontabs/{name} readStableExampleComV1NamespacedCronTab',
      'put /namespaces/{namespace}/crontabs/{name} replaceStableExampleComV1NamespacedCronTab', 'patch /namespaces/{namespace}/crontabs/{name} patchStableExampleComV1NamespacedCronTab',
      'delete /namespaces/{namespace}/crontabs/{name} deleteStableExampleComV1NamespacedCronTab',
      ...['Status', 'Scale'].flatMap((name) => [['get', 'read'], ['put', 'replace'], ['patch', 'patch']].map(([method, word]) => `${method} /namespaces/{namespace}/crontabs/{name}/${name.toLowerCase()} ${word}StableExampleComV1NamespacedCronTab${name}`)),
    ],
  },
];
for (const { title, resource, root, operations, with: part = '' } of OPERATIONS) {
  test(`the operations of ${title}`, (t) => {
    const shown = routes.of(resource).filter(({ path }) => path.includes(part));
    t.deepEqual(shown.map(({ method, path, id }) => `${method} ${path} ${id}`), operations.map((operation) => operation.replace(' ', ` ${root}`)));
  });
}

const found = (resource: ResourceType, id: string): Route => {
  const route = routes.of(resource).find((r) => r.id === id);
  if (route === undefined) throw new Error(`no operation is called ${id}`);
  return route;
};
const LIST = ['allowWatchBookmarks', 'continue', 'fieldSelector', 'labelSelector', 'limit', 'resourceVersion', 'resourceVersionMatch', 'sendInitialEvents', 'shardSelector', 'timeoutSeconds', 'watch'];
const WRITE = ['dryRun', 'fieldManager', 'fieldValidation'];
const DELETE = ['dryRun', 'gracePeriodSeconds', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'orphanDependents', 'propagationPolicy'];
const isNoWatch = (name: string): boolean => name !== 'watch' && name !== 'allowWatchBookmarks';
const QUERIES: readonly (readonly [resource: ResourceType, id: string, query: readonly string[], path: readonly string[]])[] = [
  [CONFIG_MAPS, 'listCoreV1ConfigMapForAllNamespaces', ['pretty', ...LIST], []],
  [CONFIG_MAPS, 'readCoreV1NamespacedConfigMap', ['pretty'], ['name', 'namespace']],
  [CONFIG_MAPS, 'createCoreV1NamespacedConfigMap', ['pretty', ...WRITE], ['namespace']],
  [CONFIG_MAPS, 'patchCoreV1NamespacedConfigMap', ['pretty', 'force', ...WRITE], ['name', 'namespace']],
  [CONFIG_MAPS, 'deleteCoreV1NamespacedConfigMap', ['pretty', ...DELETE], ['name', 'namespace']],
  [CONFIG_MAPS, 'deleteCoreV1CollectionNamespacedConfigMap', ['pretty', ...DELETE, ...LIST.filter(isNoWatch)], ['namespace']],
  [INGRESS_CLASSES, 'watchNetworkingV1IngressClass', ['pretty', ...LIST], ['name']],
  [PODS, 'connectCoreV1PostNamespacedPodExec', ['command', 'container', 'stderr', 'stdin', 'stdout', 'tty'], ['name', 'namespace']],
  [PODS, 'connectCoreV1GetNamespacedPodProxyWithPath', ['path'], ['name', 'namespace', 'path']],
  // Its time is no plain value.
  [PODS, 'readCoreV1NamespacedPodLog', ['container', 'follow', 'insecureSkipTLSVerifyBackend', 'limitBytes', 'pretty', 'previous', 'sinceSeconds', 'stream', 'tailLines', 'timestamps'], ['name', 'namespace']],
  [CRON_TABS, 'readStableExampleComV1NamespacedCronTab', ['pretty', 'resourceVersion'], ['name', 'namespace']],
  [CRON_TABS, 'deleteStableExampleComV1CollectionNamespacedCronTab', ['pretty', ...LIST], ['namespace']],
];
for (const [resource, id, query, path] of QUERIES) {
  test(`the parameters of ${id}`, (t) => {
    const { parameters } = found(resource, id);
    const names = (place: string): readonly string[] => parameters.filter((p) => p.in === place).map(({ name }) => name).toSorted();
    t.deepEqual([names('query'), names('path')], [query.toSorted(), path]);
    for (const { name, description } of parameters) t.true(description.length > 10, name);
  });
}

const CRON_TAB = 'com.example.stable.v1.CronTab';
const STATUS = 'meta/v1.Status';
const OPTIONS = { model: 'meta/v1.DeleteOptions', isRequired: false };
const PATCH = { model: 'meta/v1.Patch', isRequired: true };
const ANSWERS: readonly (readonly [resource: ResourceType, id: string, body: Route['body'], answers: Route['answers']])[] = [
  [DEPLOYMENTS, 'listAppsV1NamespacedDeployment', undefined, { 200: 'apps/v1.DeploymentList' }],
  [DEPLOYMENTS, 'createAppsV1NamespacedDeployment', { model: 'apps/v1.Deployment', isRequired: true }, { 200: 'apps/v1.Deployment', 201: 'apps/v1.Deployment', 202: 'apps/v1.Deployment' }],
  [DEPLOYMENTS, 'replaceAppsV1NamespacedDeploymentScale', { model: 'autoscaling/v1.Scale', isRequired: true }, { 200: 'autoscaling/v1.Scale', 201: 'autoscaling/v1.Scale' }],
  [DEPLOYMENTS, 'patchAppsV1NamespacedDeployment', PATCH, { 200: 'apps/v1.Deployment', 201: 'apps/v1.Deployment' }],
  [DEPLOYMENTS, 'deleteAppsV1NamespacedDeployment', OPTIONS, { 200: STATUS, 202: STATUS }],
  // Shown once more when it goes.
  [PODS, 'deleteCoreV1NamespacedPod', OPTIONS, { 200: 'core/v1.Pod', 202: 'core/v1.Pod' }],
  [PODS, 'deleteCoreV1CollectionNamespacedPod', OPTIONS, { 200: STATUS }],
  [PODS, 'watchCoreV1NamespacedPod', undefined, { 200: 'meta/v1.WatchEvent' }],
  [PODS, 'createCoreV1NamespacedPodEviction', { model: 'policy/v1.Eviction', isRequired: true }, { 200: 'policy/v1.Eviction', 201: 'policy/v1.Eviction', 202: 'policy/v1.Eviction' }],
  [PODS, 'readCoreV1NamespacedPodLog', undefined, { 200: 'string' }],
  [PODS, 'connectCoreV1PatchNamespacedPodProxy', undefined, { 200: 'string' }],
  [CRON_TABS, 'listStableExampleComV1NamespacedCronTab', undefined, { 200: `${CRON_TAB}List` }],
  [CRON_TABS, 'patchStableExampleComV1NamespacedCronTab', PATCH, { 200: CRON_TAB }],
  [CRON_TABS, 'patchStableExampleComV1NamespacedCronTabScale', PATCH, { 200: 'autoscaling/v1.Scale' }],
  [CRON_TABS, 'deleteStableExampleComV1NamespacedCronTab', OPTIONS, { 200: STATUS, 202: STATUS }],
  [CRON_TABS, 'deleteStableExampleComV1CollectionNamespacedCronTab', undefined, { 200: STATUS }],
];
for (const [resource, id, body, answers] of ANSWERS) {
  test(`what ${id} takes and answers`, (t) => {
    const route = found(resource, id);
    t.deepEqual([route.body, route.answers], [body, answers]);
  });
}

const WORDS: readonly (readonly [resource: ResourceType, id: string, description: string])[] = [
  [PODS, 'listCoreV1NamespacedPod', 'list or watch objects of kind Pod'],
  [COMPONENT_STATUSES, 'listCoreV1ComponentStatus', 'list objects of kind ComponentStatus'],
  [INGRESS_CLASSES, 'createNetworkingV1IngressClass', 'create an IngressClass'],
  [ENDPOINTS, 'createCoreV1NamespacedEndpoints', 'create Endpoints'],
  [SERVICE_ACCOUNTS, 'createCoreV1NamespacedServiceAccountToken', 'create token of a ServiceAccount'],
  [PODS, 'patchCoreV1NamespacedPodEphemeralcontainers', 'partially update ephemeralcontainers of the specified Pod'],
  [PODS, 'connectCoreV1HeadNamespacedPodProxy', 'connect HEAD requests to proxy of Pod'],
  [PODS, 'watchCoreV1PodListForAllNamespaces', "watch individual changes to a list of Pod. deprecated: use the 'watch' parameter with a list operation instead."],
  [CRON_TABS, 'listStableExampleComV1NamespacedCronTab', 'list objects of kind CronTab'],
];
for (const [resource, id, description] of WORDS) test(`the words of ${id}`, (t) => t.is(found(resource, id).description, description));

const KINDS: readonly (readonly [resource: ResourceType, id: string, action: string, kind: object, name: string])[] = [
  [PODS, 'connectCoreV1GetNamespacedPodExec', 'connect', { group: '', version: 'v1', kind: 'PodExecOptions' }, 'name of the PodExecOptions'],
  [DEPLOYMENTS, 'readAppsV1NamespacedDeploymentScale', 'get', { group: 'autoscaling', version: 'v1', kind: 'Scale' }, 'name of the Scale'],
  [DEPLOYMENTS, 'readAppsV1NamespacedDeploymentStatus', 'get', { group: 'apps', version: 'v1', kind: 'Deployment' }, 'name of the Deployment'],
  [CRON_TABS, 'replaceStableExampleComV1NamespacedCronTabScale', 'put', { group: 'stable.example.com', version: 'v1', kind: 'CronTab' }, 'name of the CronTab'],
];
for (const [resource, id, action, kind, name] of KINDS) {
  test(`of what ${id} is`, (t) => {
    const { target, parameters } = found(resource, id);
    t.deepEqual<unknown, unknown>(target, { action, kind });
    t.is(parameters.find((p) => p.in === 'path' && p.name === 'name')?.description, name);
  });
}

const JSON_AND_YAML = ['application/json', 'application/yaml'];
const OBJECTS = [...JSON_AND_YAML, 'application/vnd.kubernetes.protobuf'];
const MEDIA: readonly (readonly [resource: ResourceType, id: string, consumes: readonly string[], produces: readonly string[]])[] = [
  [PODS, 'listCoreV1NamespacedPod', ['*/*'], [...OBJECTS, 'application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch']],
  [PODS, 'patchCoreV1NamespacedPod', ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml'], OBJECTS],
  [PODS, 'readCoreV1NamespacedPodLog', ['*/*'], ['text/plain', ...OBJECTS]],
  [PODS, 'connectCoreV1GetNamespacedPodAttach', ['*/*'], ['*/*']],
  [CRON_TABS, 'patchStableExampleComV1NamespacedCronTab', ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'], JSON_AND_YAML],
  [CRON_TABS, 'listStableExampleComV1NamespacedCronTab', JSON_AND_YAML, JSON_AND_YAML],
];
for (const [resource, id, consumes, produces] of MEDIA) {
  test(`the media types of ${id}`, (t) => {
    const route = found(resource, id);
    t.deepEqual([route.consumes, route.produces], [consumes, produces]);
  });
}
