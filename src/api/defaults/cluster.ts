import { withoutAnnotations } from './annotations.ts';
import { chain, type Default, each, fill, fillZero, filling, forEach, inside, memberOf, within } from './fill.ts';
import { PROTOCOL } from './pod.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';

const RBAC_GROUP = 'rbac.authorization.k8s.io';
const HTTPS_PORT = 443;
const SCALE_UP = { stabilizationWindowSeconds: 0, selectPolicy: 'Max', policies: [{ type: 'Pods', value: 4, periodSeconds: 15 }, { type: 'Percent', value: 100, periodSeconds: 15 }] };
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
const CPU_METRIC = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };

/** Where autoscalers of autoscaling/v1 keep what they have no fields for; those of v2 have the fields. */
const KEPT_IN_ANNOTATIONS = ['metrics', 'current-metrics', 'conditions', 'behavior'].map((name) => `autoscaling.alpha.kubernetes.io/${name}`);

export const autoscalerDefaults = chain(withoutAnnotations(KEPT_IN_ANNOTATIONS), inside('spec', (spec) => {
  const filled = fill(spec, { minReplicas: 1, metrics: [CPU_METRIC] });
  return within(filled, 'behavior', (behavior) => chain(inside('scaleUp', filling(SCALE_UP)), inside('scaleDown', filling(SCALE_DOWN)))(fill(behavior, { scaleUp: SCALE_UP, scaleDown: SCALE_DOWN })));
}));
export const autoscalerV1Defaults = inside('spec', filling({ minReplicas: 1 }));

export const networkPolicyDefaults = inside('spec', (spec) => {
  const types = spec['egress'] === undefined ? ['Ingress'] : ['Ingress', 'Egress'];
  const ports = forEach('ports', PROTOCOL);
  return each(each(fill(spec, { policyTypes: types }), 'ingress', ports), 'egress', ports);
});
export const ingressClassDefaults = inside('spec', inside('parameters', filling({ scope: 'Cluster' })));

export const endpointSliceDefaults = forEach('ports', filling({ name: '', protocol: 'TCP' }));

export const roleBindingDefaults: Default = (binding) => {
  const subjects = each(binding, 'subjects', (subject) =>
    subject['kind'] === 'User' || subject['kind'] === 'Group' ? fill(subject, { apiGroup: RBAC_GROUP }) : subject);
  return within(subjects, 'roleRef', filling({ apiGroup: RBAC_GROUP }));
};

export const storageClassDefaults = filling({ reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' });
export const csiDriverDefaults = inside('spec', filling({
  attachRequired: true, podInfoOnMount: false, storageCapacity: false, fsGroupPolicy: 'ReadWriteOnceWithFSType',
  volumeLifecycleModes: ['Persistent'], requiresRepublish: false, seLinuxMount: false,
}));
export const priorityClassDefaults = filling({ preemptionPolicy: 'PreemptLowerPriority' });

const ruleDefaults = filling({ scope: '*' });
const servicePortDefaults = inside('clientConfig', inside('service', filling({ port: HTTPS_PORT })));
export const apiServiceDefaults = inside('spec', inside('service', filling({ port: HTTPS_PORT })));
const webhook = (values: object): Default => chain(
  filling({ failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, timeoutSeconds: 10, ...values }),
  forEach('rules', ruleDefaults), servicePortDefaults);
export const validatingWebhookDefaults = forEach('webhooks', webhook({}));
export const mutatingWebhookDefaults = forEach('webhooks', webhook({ reinvocationPolicy: 'Never' }));

const matchDefaults = chain(filling({ matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} }), forEach('resourceRules', ruleDefaults), forEach('excludeResourceRules', ruleDefaults));
export const admissionPolicyDefaults = inside('spec', chain(filling({ failurePolicy: 'Fail' }), inside('matchConstraints', matchDefaults)));
export const admissionBindingDefaults = inside('spec', inside('matchResources', matchDefaults));

const definitionSpecDefaults = inside('spec', (spec) => {
  const named = within(spec, 'names', (names) => {
    const kind = String(names['kind'] ?? '');
    return fill(names, { singular: kind.toLowerCase(), listKind: kind === '' ? undefined : `${kind}List` });
  });
  return within(fill(named, { conversion: { strategy: 'None' } }), 'conversion', inside('webhook', servicePortDefaults));
});
/** The version in which objects are stored is one in which objects are stored. */
export const definitionDefaults: Default = (definition) => {
  const versions = memberOf(definition, 'spec')['versions'];
  const storage = Array.isArray(versions) ? versions.find((version) => isJsonObject(version) && version['storage'] === true) as JsonObject | undefined : undefined;
  const filled = definitionSpecDefaults(definition);
  return storage === undefined ? filled : within(fill(filled, { status: {} }), 'status', (status) => (isNonEmpty(status['storedVersions']) ? status : { ...status, storedVersions: [storage['name']] }));
};
const isNonEmpty = (list: unknown): boolean => Array.isArray(list) && list.length > 0;

export const flowSchemaDefaults = inside('spec', (spec) => fillZero(spec, { matchingPrecedence: 1000 }));
export const priorityLevelDefaults = inside('spec', chain(
  inside('exempt', filling({ nominalConcurrencyShares: 0, lendablePercent: 0 })),
  inside('limited', chain(
    filling({ nominalConcurrencyShares: 30, lendablePercent: 0 }),
    inside('limitResponse', inside('queuing', (queuing) => fillZero(queuing, { queues: 64, handSize: 8, queueLengthLimit: 50 }))),
  )),
));

const tolerations = forEach('tolerations', filling({ operator: 'Equal' }));
const devices: Default = (request) => {
  const typed = tolerations(fill(request, { allocationMode: 'ExactCount' }));
  return typed['allocationMode'] === 'ExactCount' ? fillZero(typed, { count: 1 }) : typed;
};
const deviceRequests = inside('devices', forEach('requests', chain(inside('exactly', devices), forEach('firstAvailable', devices))));
export const resourceClaimDefaults = chain(inside('spec', deviceRequests), inside('status', inside('allocation', inside('devices', forEach('results', tolerations)))));
export const resourceClaimTemplateDefaults = inside('spec', inside('spec', deviceRequests));

export const repositoryDefaults = inside('spec', filling({ ref: 'main', pollInterval: '15s' }));
export const applicationDefaults = inside('spec', (spec) =>
  within(fill(spec, { destinationNamespace: 'default', syncPolicy: {} }), 'syncPolicy', filling({ automated: true, prune: true, selfHeal: 'Heal', timeout: '5m' })));
const pullRequests = inside('pullRequests', filling({ pollInterval: '60s' }));
const matrix = inside('matrix', forEach('generators', pullRequests));
/** What the template leaves out is filled in where it counts: in the Applications that are made of it. */
export const applicationSetDefaults = inside('spec', chain(
  filling({ deletion: {} }), inside('deletion', filling({ mode: 'Delete', limit: 5 })), forEach('generators', chain(pullRequests, matrix)),
));
