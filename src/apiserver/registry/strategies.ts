import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { CUSTOM_RESOURCE } from './apiextensions/custom-resource.ts';
import { DEFINITION } from './apiextensions/custom-resource-definition.ts';
import { VALIDATING_POLICY } from './admissionregistration/validating-policy.ts';
import { DAEMON_SET } from './apps/daemon-set.ts';
import { JOB } from './batch/job.ts';
import { CERTIFICATE_SIGNING_REQUEST } from './certificates/certificate-signing-request.ts';
import { NAMESPACE } from './core/namespace.ts';
import { NODE } from './core/node.ts';
import { POD } from './core/pod.ts';
import { SERVICE } from './core/service/strategy.ts';
import { FLOW_SCHEMA, PRIORITY_LEVEL } from './flowcontrol/mandatory-objects.ts';
import { validateApplicationExpressions, validateTemplateExpressions } from './headway/application.ts';
import { DEVICE_CLASS, RESOURCE_CLAIM, RESOURCE_CLAIM_TEMPLATE } from './resource/device-selectors.ts';
import { RESOURCE_SLICE } from './resource/resource-slice.ts';
import type { Strategy } from './strategy.ts';

const COUNTED: Strategy = { hasGeneration: true };
const RETURNED: Strategy = { returnsDeleted: true };

const PLAIN: Strategy = {};
/** A PUT must say which state it replaces. */
const VERSIONED: Strategy = { requiresResourceVersion: true };
const COUNTED_VERSIONED: Strategy = { ...COUNTED, ...VERSIONED };

/** The kinds with rules of their own; all others are stored as they are sent. */
const STRATEGIES: Readonly<Record<GroupResource, Strategy>> = {
  pods: POD,
  services: SERVICE,
  namespaces: NAMESPACE,
  nodes: NODE,
  serviceaccounts: { ...RETURNED, ...VERSIONED },
  persistentvolumes: RETURNED,
  persistentvolumeclaims: RETURNED,
  resourcequotas: RETURNED,
  podtemplates: RETURNED,
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
  'validatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'validatingadmissionpolicies.admissionregistration.k8s.io': VALIDATING_POLICY,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': COUNTED_VERSIONED,
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': VERSIONED,
  'mutatingadmissionpolicybindings.admissionregistration.k8s.io': VERSIONED,
  'flowschemas.flowcontrol.apiserver.k8s.io': FLOW_SCHEMA,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': PRIORITY_LEVEL,
  'certificatesigningrequests.certificates.k8s.io': CERTIFICATE_SIGNING_REQUEST,
  'leases.coordination.k8s.io': { allowsCreateOnUpdate: true, ...VERSIONED },
  events: { allowsCreateOnUpdate: true },
  'events.events.k8s.io': { allowsCreateOnUpdate: true },
  'endpointslices.discovery.k8s.io': { hasGeneration: true },
  'resourceclaims.resource.k8s.io': RESOURCE_CLAIM,
  'resourceclaimtemplates.resource.k8s.io': RESOURCE_CLAIM_TEMPLATE,
  'deviceclasses.resource.k8s.io': DEVICE_CLASS,
  'resourceslices.resource.k8s.io': RESOURCE_SLICE,
  'volumeattachments.storage.k8s.io': VERSIONED,
  'csidrivers.storage.k8s.io': VERSIONED,
  'csinodes.storage.k8s.io': VERSIONED,
  'csistoragecapacities.storage.k8s.io': VERSIONED,
  'runtimeclasses.node.k8s.io': VERSIONED,
  'apiservices.apiregistration.k8s.io': VERSIONED,
  'repositories.headway.dev': COUNTED,
  'applications.headway.dev': { ...COUNTED, validate: validateApplicationExpressions },
  'applicationsets.headway.dev': { ...COUNTED, validate: validateTemplateExpressions },
  'projects.headway.dev': COUNTED,
  // A record is made with what is known so far.
  'syncs.headway.dev': { ...COUNTED, keepsStatusOnCreate: true },
};

export const strategyOf = (resource: ResourceType): Strategy => (resource.custom ? CUSTOM_RESOURCE : (STRATEGIES[groupResource(resource)] ?? PLAIN));
