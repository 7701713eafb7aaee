import * as resources from '#api/resources.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Sent } from './support/api.ts';
import { behaviour, type Scene } from './support/behaviour.ts';
import { builtIn } from './support/built-in.ts';
import { type Operations, supportsOperations } from './support/operations.ts';

type Body = Readonly<Record<string, unknown>>;
interface Kind {
  readonly resource: ResourceType;
  /** All but the metadata. */
  readonly body: (object: { readonly name: string; readonly namespace: string }) => Body;
  readonly status?: Body;
  /** Kinds whose names say something. */
  readonly name?: (unique: string) => string;
}

const AT = '2026-01-02T03:04:05Z';
const condition = (type: string): Body => ({ type, status: 'False', reason: 'Tested', message: 'set by the test', lastTransitionTime: AT });
const podSpec = { containers: [{ name: 'c', image: 'registry.example/c:1' }] };
const labels = { app: 'every-kind' };
const template = { metadata: { labels }, spec: podSpec };
const selector = { matchLabels: labels };
const jobTemplate = { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } };
const subject = { kind: 'User', name: 'someone', apiGroup: 'rbac.authorization.k8s.io' };
const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' };
const scaleTarget = { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 3 } };
const constant = (body: Body): (() => Body) => () => body;

/** With nothing in them to run: what controllers would do is not what is tested. */
const KINDS: readonly Kind[] = [
  { resource: resources.DEPLOYMENTS, body: constant({ spec: { replicas: 0, selector, template } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.REPLICA_SETS, body: constant({ spec: { replicas: 0, selector, template } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.STATEFUL_SETS, body: constant({ spec: { replicas: 0, selector, template, serviceName: 's' } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.DAEMON_SETS, body: constant({ spec: { selector, template: { ...template, spec: { ...podSpec, nodeSelector: { 'no-such': 'node' } } } } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.REPLICATION_CONTROLLERS, body: constant({ spec: { replicas: 0, selector: labels, template } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.CONTROLLER_REVISIONS, body: constant({ revision: 1, data: { spec: { a: 'b' } } }) },
  { resource: resources.CRON_JOBS, body: constant({ spec: { schedule: '0 0 29 2 *', suspend: true, jobTemplate } }), status: { lastScheduleTime: AT } },
  { resource: resources.POD_TEMPLATES, body: constant({ template }) },
  { resource: resources.POD_DISRUPTION_BUDGETS, body: constant({ spec: { minAvailable: 1, selector: { matchLabels: { 'no-such': 'pod' } } } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.HORIZONTAL_POD_AUTOSCALERS, body: constant(scaleTarget), status: { desiredReplicas: 2, currentReplicas: 1 } },
  { resource: resources.HORIZONTAL_POD_AUTOSCALERS_V1, body: constant(scaleTarget), status: { desiredReplicas: 2, currentReplicas: 1 } },
  { resource: resources.SERVICES, body: constant({ spec: { ports: [{ port: 80 }] } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.ENDPOINTS, body: constant({ subsets: [{ addresses: [{ ip: '10.0.0.24' }], ports: [{ port: 80 }] }] }) },
  { resource: resources.NODES, body: constant({ spec: { unschedulable: true } }), status: { conditions: [{ ...condition('StatusUpdate'), lastHeartbeatTime: AT }] } },
  { resource: resources.PERSISTENT_VOLUMES, body: constant({ spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], persistentVolumeReclaimPolicy: 'Retain', storageClassName: 'none', nfs: { server: 's', path: '/p' } } }), status: { message: 'set', reason: 'Tested' } },
  { resource: resources.PERSISTENT_VOLUME_CLAIMS, body: constant({ spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'none' } }), status: { conditions: [condition('StatusUpdate')] } },
  { resource: resources.RESOURCE_QUOTAS, body: constant({ spec: { hard: { 'count/widgets.example.com': '5' }, scopes: [] } }) },
  { resource: resources.LIMIT_RANGES, body: constant({ spec: { limits: [{ type: 'PersistentVolumeClaim', max: { storage: '2Ti' } }] } }) },
  { resource: resources.CONFIG_MAPS, body: constant({ data: { a: 'b' } }) },
  { resource: resources.SECRETS, body: constant({ data: { a: 'Yg==' } }) },
  { resource: resources.SERVICE_ACCOUNTS, body: constant({ automountServiceAccountToken: false }) },
  { resource: resources.EVENTS, body: ({ namespace }) => ({ involvedObject: { namespace }, reason: 'Tested', message: 'm', type: 'Normal' }) },
  { resource: resources.EVENTS_V1, body: ({ namespace }) => ({ regarding: { namespace }, reason: 'Tested', action: 'Test', note: 'n', type: 'Normal', eventTime: '2026-01-02T03:04:05.000000Z', reportingController: 'test.example.com/c', reportingInstance: 'i' }) },
  { resource: resources.API_SERVICES, body: ({ name }) => ({ spec: { group: groupOf(name), version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: 'default', name: 'no-such' }, insecureSkipTLSVerify: true } }), name: (unique) => `v1.${unique}.example.com`, status: { conditions: [condition('StatusUpdated')] } },
  { resource: resources.INGRESS_CLASSES, body: constant({ spec: { controller: 'example.com/controller' } }) },
  { resource: resources.NETWORK_POLICIES, body: constant({ spec: { podSelector: { matchLabels: { 'no-such': 'pod' } }, ingress: [{ ports: [{ port: 80 }] }] } }) },
  { resource: resources.IP_ADDRESSES, body: constant({ spec: { parentRef: { resource: 'configmaps', namespace: 'default', name: 'x' } } }), name: addressOf },
  { resource: resources.LEASES, body: constant({ spec: { holderIdentity: 'me', leaseDurationSeconds: 30 } }) },
  { resource: resources.PRIORITY_CLASSES, body: constant({ value: 7 }) },
  { resource: resources.STORAGE_CLASSES, body: constant({ provisioner: 'example.com/p', parameters: { a: 'b' } }) },
  { resource: resources.VOLUME_ATTRIBUTES_CLASSES, body: constant({ driverName: 'd.example.com', parameters: { a: 'b' } }) },
  { resource: resources.VOLUME_ATTACHMENTS, body: constant({ spec: { attacher: 'd.example.com', nodeName: 'no-such', source: { persistentVolumeName: 'no-such' } } }), status: { attached: true } },
  { resource: resources.CSI_DRIVERS, body: constant({ spec: { attachRequired: false } }) },
  { resource: resources.CSI_NODES, body: constant({ spec: { drivers: [{ name: 'd.example.com', nodeID: 'n' }] } }) },
  { resource: resources.ROLES, body: constant({ rules }) },
  { resource: resources.CLUSTER_ROLES, body: constant({ rules }) },
  { resource: resources.ROLE_BINDINGS, body: constant({ subjects: [subject], roleRef }) },
  { resource: resources.CLUSTER_ROLE_BINDINGS, body: constant({ subjects: [subject], roleRef }) },
  { resource: builtIn('ValidatingAdmissionPolicyBinding'), body: constant({ spec: { policyName: 'no-such', validationActions: ['Deny'], matchResources: { namespaceSelector: { matchLabels: { 'no-such': 'namespace' } } } } }) },
];

function groupOf(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}

/** Outside of every range that is served: four of the hexadecimal digits that make a name unique. */
function addressOf(unique: string): string {
  return `192.168.${Number.parseInt(unique.slice(-4, -2), 16)}.${Number.parseInt(unique.slice(-2), 16)}`;
}

for (const { resource, body, status, name = (unique: string) => unique } of KINDS) {
  const maker = ({ namespace }: Scene): Operations['make'] => (unique, given) => ({ metadata: { name: unique, labels: given }, ...body({ name: unique, namespace }) });

  behaviour(`every kind: ${resource.kind} (${resource.group || 'core'}/${resource.version}) is created, read, listed, watched, changed and deleted, with its status`, async (scene) => {
    await supportsOperations(withNames(scene, name), resource, { make: maker(scene), ...(status ? { status: { value: () => status } } : {}) });
  });

  behaviour(`every kind: ${resource.kind} (${resource.group || 'core'}/${resource.version}) is applied: once it is made, again nothing is written, and a dry run writes nothing at all`, async (scene) => {
    const { t, api } = scene;
    const where = resource.namespaced ? { namespace: scene.namespace } : {};
    const unique = name(scene.unique('applied'));
    const applied = { ...typeOf(resource), ...maker(scene)(unique, { made: 'yes' }) };
    const query = { fieldManager: 'applier' };
    await api.patch(resource, unique, 'apply', applied, { ...where, query: { ...query, dryRun: 'All' } });
    t.is((await api.failure(api.get(resource, unique, where))).reason, 'NotFound');
    t.teardown(() => api.delete(resource, unique, where));
    const made = await api.patch(resource, unique, 'apply', applied, { ...where, query });
    const owner = (object: KubeObject) => object.metadata.managedFields?.find((entry) => entry.manager === 'applier' && entry.operation === 'Apply');
    t.truthy(owner(made));
    const again = await api.patch(resource, unique, 'apply', applied, { ...where, query });
    t.deepEqual(owner(again), owner(made));
    const wrote = await api.patch(resource, unique, 'merge', { metadata: { labels: { made: 'otherwise' } } }, { ...where, query: { fieldManager: 'other' } });
    t.is(wrote.metadata.labels?.['made'], 'otherwise');
    const conflict = await api.failure(api.patch(resource, unique, 'apply', applied, { ...where, query }));
    t.is(conflict.reason, 'Conflict');
    t.is(conflict.data.status.details?.causes?.[0]?.field, '.metadata.labels.made');
    t.is((await api.patch(resource, unique, 'apply', applied, { ...where, query: { ...query, force: true } })).metadata.labels?.['made'], 'yes');
  });
}

/** The value of a label is no name. */
const withNames = (scene: Scene, name: (unique: string) => string): Scene => ({ ...scene, unique: (base) => (base === 'special' ? scene.unique(base) : name(scene.unique(base))) });

const typeOf = ({ group, version, kind }: ResourceType): Pick<Sent & KubeObject, 'apiVersion' | 'kind'> => ({ apiVersion: group === '' ? version : `${group}/${version}`, kind });
