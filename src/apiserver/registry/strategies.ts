import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { API_SERVICE } from './apiregistration/api-service.ts';
import { CUSTOM_RESOURCE } from './apiextensions/custom-resource.ts';
import { DEFINITION } from './apiextensions/custom-resource-definition.ts';
import { VALIDATING_POLICY } from './admissionregistration/validating-policy.ts';
import { DAEMON_SET } from './apps/daemon-set.ts';
import { JOB } from './batch/job.ts';
import { LEASE } from './coordination/lease.ts';
import { CERTIFICATE_SIGNING_REQUEST } from './certificates/certificate-signing-request.ts';
import { NAMESPACE } from './core/namespace.ts';
import { NODE } from './core/node.ts';
import { LIMIT_RANGE } from './core/limit-range.ts';
import { PERSISTENT_VOLUME } from './core/persistent-volume.ts';
import { PERSISTENT_VOLUME_CLAIM } from './core/persistent-volume-claim.ts';
import { POD } from './core/pod.ts';
import { SERVICE_ACCOUNT } from './core/service-account.ts';
import { SERVICE } from './core/service/strategy.ts';
import { ENDPOINT_SLICE } from './discovery/endpoint-slice.ts';
import { FLOW_SCHEMA, PRIORITY_LEVEL } from './flowcontrol/mandatory-objects.ts';
import { validateApplicationExpressions, validateTemplateExpressions } from './headway/application.ts';
import { DEVICE_CLASS, RESOURCE_CLAIM, RESOURCE_CLAIM_TEMPLATE } from './resource/device-selectors.ts';
import { RESOURCE_SLICE } from './resource/resource-slice.ts';
import type { Strategy } from './strategy.ts';

const COUNTED: Strategy = { hasGeneration: true };
const RETURNED: Strategy = { returnsDeleted: true };

const MADE_BY_UPDATE: Strategy = { allowsCreateOnUpdate: true };
/** Nothing is theirs, so there is nothing to wait for. */
const EVENT: Strategy = { ...MADE_BY_UPDATE, ownsNothing: true };
const PLAIN: Strategy = {};
/** A PUT must say which state it replaces. */
const VERSIONED: Strategy = { requiresResourceVersion: true };
const COUNTED_VERSIONED: Strategy = { ...COUNTED, ...VERSIONED };
/** What they declare stands beside the metadata, in no spec. */
const COUNTED_WHOLE: Strategy = { ...COUNTED, countsAll: true };

/** The kinds with rules of their own; all others are stored as they are sent. */
const STRATEGIES: Readonly<Record<GroupResource, Strategy>> = {
  pods: POD,
  services: SERVICE,
  namespaces: NAMESPACE,
  nodes: NODE,
  serviceaccounts: SERVICE_ACCOUNT,
  limitranges: LIMIT_RANGE,
  endpoints: MADE_BY_UPDATE,
  persistentvolumes: PERSISTENT_VOLUME,
  persistentvolumeclaims: PERSISTENT_VOLUME_CLAIM,
  resourcequotas: RETURNED,
  podtemplates: { ...RETURNED, ...COUNTED_WHOLE },
  replicationcontrollers: { hasGeneration: true, orphansDependents: true },
  'deployments.apps': { hasGeneration: true, annotationsBumpGeneration: true },
  'replicasets.apps': COUNTED,
  'statefulsets.apps': COUNTED,
  'daemonsets.apps': DAEMON_SET,
  'jobs.batch': JOB,
  'cronjobs.batch': COUNTED,
  'ingresses.networking.k8s.io': COUNTED,
  'ingressclasses.networking.k8s.io': COUNTED,
  'networkpolicies.networking.k8s.io': COUNTED,
  'poddisruptionbudgets.policy': COUNTED_VERSIONED,
  'customresourcedefinitions.apiextensions.k8s.io': DEFINITION,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': { ...COUNTED_WHOLE, ...VERSIONED },
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': { ...COUNTED_WHOLE, ...VERSIONED },
  'validatingadmissionpolicies.admissionregistration.k8s.io': VALIDATING_POLICY,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'flowschemas.flowcontrol.apiserver.k8s.io': FLOW_SCHEMA,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': PRIORITY_LEVEL,
  'certificatesigningrequests.certificates.k8s.io': CERTIFICATE_SIGNING_REQUEST,
  'leases.coordination.k8s.io': LEASE,
  events: EVENT,
  'events.events.k8s.io': EVENT,
  'endpointslices.discovery.k8s.io': ENDPOINT_SLICE,
  'roles.rbac.authorization.k8s.io': MADE_BY_UPDATE,
  'rolebindings.rbac.authorization.k8s.io': MADE_BY_UPDATE,
  'clusterroles.rbac.authorization.k8s.io': MADE_BY_UPDATE,
  'clusterrolebindings.rbac.authorization.k8s.io': MADE_BY_UPDATE,
  'resourceclaims.resource.k8s.io': RESOURCE_CLAIM,
  'resourceclaimtemplates.resource.k8s.io': RESOURCE_CLAIM_TEMPLATE,
  'deviceclasses.resource.k8s.io': DEVICE_CLASS,
  'resourceslices.resource.k8s.io': RESOURCE_SLICE,
  'storageclasses.storage.k8s.io': RETURNED,
  'volumeattributesclasses.storage.k8s.io': RETURNED,
  'volumeattachments.storage.k8s.io': { ...VERSIONED, ...RETURNED },
  'csidrivers.storage.k8s.io': { ...COUNTED_VERSIONED, ...RETURNED },
  'csinodes.storage.k8s.io': { ...VERSIONED, ...RETURNED },
  'csistoragecapacities.storage.k8s.io': VERSIONED,
  'runtimeclasses.node.k8s.io': { ...VERSIONED, ...MADE_BY_UPDATE },
  // Of what may change nothing counts: its generation stays 1.
  'priorityclasses.scheduling.k8s.io': COUNTED,
  'apiservices.apiregistration.k8s.io': API_SERVICE,
  'repositories.headway.dev': COUNTED,
  'applications.headway.dev': { ...COUNTED, validate: validateApplicationExpressions },
  'applicationsets.headway.dev': { ...COUNTED, validate: validateTemplateExpressions },
  'projects.headway.dev': COUNTED,
  // A record is made with what is known so far.
  'syncs.headway.dev': { ...COUNTED, keepsStatusOnCreate: true },
};

export const strategyOf = (resource: ResourceType): Strategy => (resource.custom ? CUSTOM_RESOURCE : (STRATEGIES[groupResource(resource)] ?? PLAIN));
