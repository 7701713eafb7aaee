import { andThen } from '#base/and-then.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { checkEscalation } from '../authz/escalation.ts';
import { APPLICATION_SPEC } from './application-spec.ts';
import { CERTIFICATE_APPROVAL, CERTIFICATE_SIGNING, CERTIFICATE_SUBJECT_RESTRICTION } from './certificates.ts';
import type { AdmissionConfiguration } from './configuration.ts';
import { DEVICE_CLAIMS } from './device-claims.ts';
import { withDefaultTolerations } from './default-tolerations.ts';
import { DEFAULT_INGRESS_CLASS } from './default-ingress-class.ts';
import { LIMIT_RANGER } from './limit-ranger/plugin.ts';
import { requireDeletable, requireNamespace } from './namespace-lifecycle.ts';
import { restrictNode } from './node-restriction.ts';
import { NODE_TAINT } from './node-taint.ts';
import type { AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { MUTATING_POLICIES, POLICY_EXPRESSIONS, POLICY_PARAMS, VALIDATING_POLICIES } from './policies/plugins.ts';
import { podSecurity } from './pod-security/plugin.ts';
import { PRIORITY_CLASS } from './priority-class.ts';
import { keepPriority, withPriority } from './priority.ts';
import { MUTATING_WEBHOOKS, VALIDATING_WEBHOOKS, WEBHOOK_CONDITIONS } from './webhooks/plugins.ts';
import { POD_RESIZE } from './pod-resize.ts';
import { POD_TOPOLOGY_LABELS } from './pod-topology.ts';
import { resourceQuota } from './resource-quota/plugin.ts';
import { RUNTIME_CLASS } from './runtime-class.ts';
import { SERVICE_ALLOCATION } from './service-allocation.ts';
import { requireBareMirror, requireListedSecrets, withServiceAccount } from './service-account.ts';
import { CLAIM_RESIZE } from './storage/claim-resize.ts';
import { DEFAULT_STORAGE_CLASS } from './storage/default-storage-class.ts';
import { STORAGE_IN_USE_PROTECTION } from './storage/in-use-protection.ts';

const isNewPod = ({ operation, resource, subresource }: AdmissionRequest): boolean => operation === 'CREATE' && subresource === '' && groupResource(resource) === 'pods';
const isDebugged = ({ operation, resource, subresource }: AdmissionRequest): boolean => operation === 'UPDATE' && subresource === 'ephemeralcontainers' && groupResource(resource) === 'pods';
/** What is filled into a new pod stays in one that is replaced by its manifest. */
const isWholePod = ({ operation, resource, subresource }: AdmissionRequest): boolean => (operation === 'CREATE' || operation === 'UPDATE') && subresource === '' && groupResource(resource) === 'pods';

const NAMESPACE_LIFECYCLE: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  // To a question about access the namespace's state would be more of an answer than was asked for.
  handles: ({ operation, resource }) => (operation === 'CREATE' && resource.namespaced && resource.group !== 'authorization.k8s.io') || operation === 'DELETE',
  mutate({ resource, object, context }, env) {
    const wanted = object as NonNullable<typeof object>;
    return andThen(requireNamespace(env, resource, wanted, context), () => wanted);
  },
  validate({ operation, resource, name }) {
    if (operation === 'DELETE') requireDeletable(resource, name);
  },
};

const NODE_RESTRICTION: AdmissionPlugin = {
  name: 'NodeRestriction',
  handles: ({ operation, context }) => operation !== 'CONNECT' && context.user.name.startsWith('system:node:'),
  validate: restrictNode,
};

const SERVICE_ACCOUNT: AdmissionPlugin = {
  name: 'ServiceAccount',
  handles: (request) => isNewPod(request) || isDebugged(request),
  mutate: (request, env) => (isDebugged(request) ? (request.object as KubeObject) : withServiceAccount(env, request.resource, request.object as KubeObject)),
  validate: (request, env) => (isDebugged(request) ? requireListedSecrets(env, request.resource, request.object as KubeObject) : requireBareMirror(request.resource, request.object as KubeObject)),
};
const DEFAULT_TOLERATIONS: AdmissionPlugin = { name: 'DefaultTolerationSeconds', handles: isWholePod, mutate: ({ object }) => withDefaultTolerations(object as NonNullable<typeof object>) };
const PRIORITY: AdmissionPlugin = { name: 'Priority', handles: isWholePod, mutate: ({ resource, object, live }, env) => (live === undefined ? withPriority(env, resource, object as NonNullable<typeof object>) : keepPriority(object as NonNullable<typeof object>, live)) };

const ESCALATION: AdmissionPlugin = {
  name: 'RBACEscalation',
  handles: ({ operation, resource }) => resource.group === 'rbac.authorization.k8s.io' && (operation === 'CREATE' || operation === 'UPDATE'),
  validate({ resource, name, object, live, context }, env) {
    if (object) checkEscalation(env, { resource, object, live, user: context.user, askedName: context.isPost ? '' : name });
  },
};

/** In the order of Kubernetes: first what changes objects, from the general to the particular, then what only refuses, quota last. */
export const admissionPlugins = (configuration: AdmissionConfiguration): readonly AdmissionPlugin[] => [
  NAMESPACE_LIFECYCLE, LIMIT_RANGER, NODE_RESTRICTION, SERVICE_ACCOUNT, NODE_TAINT, podSecurity(configuration.podSecurity), POD_TOPOLOGY_LABELS, POD_RESIZE, PRIORITY, PRIORITY_CLASS, DEFAULT_TOLERATIONS,
  STORAGE_IN_USE_PROTECTION, RUNTIME_CLASS, DEFAULT_INGRESS_CLASS, DEFAULT_STORAGE_CLASS, CLAIM_RESIZE,
  CERTIFICATE_APPROVAL, CERTIFICATE_SIGNING, CERTIFICATE_SUBJECT_RESTRICTION,
  MUTATING_POLICIES, MUTATING_WEBHOOKS, WEBHOOK_CONDITIONS, POLICY_EXPRESSIONS, POLICY_PARAMS, ESCALATION, DEVICE_CLAIMS, APPLICATION_SPEC, VALIDATING_POLICIES, VALIDATING_WEBHOOKS, SERVICE_ALLOCATION, resourceQuota(configuration.limitedResources),
];
