import { groupResource, type GroupResource, type ResourceType } from '#api/resource-type.ts';
import { CUSTOM_RESOURCE } from './apiextensions/custom-resource.ts';
import { DEFINITION } from './apiextensions/custom-resource-definition.ts';
import { VALIDATING_POLICY } from './admissionregistration/validating-policy.ts';
import { JOB } from './batch/job.ts';
import { CERTIFICATE_SIGNING_REQUEST } from './certificates/certificate-signing-request.ts';
import { NAMESPACE } from './core/namespace.ts';
import { NODE } from './core/node.ts';
import { POD } from './core/pod.ts';
import { SERVICE } from './core/service/strategy.ts';
import type { Strategy } from './strategy.ts';

const COUNTED: Strategy = { hasGeneration: true };
const RETURNED: Strategy = { returnsDeleted: true };
/** As the kinds that came late to Kubernetes do it. */
const COUNTED_APART: Strategy = { hasGeneration: true, statusKeepsMetadata: true };

const PLAIN: Strategy = {};

/** The kinds with rules of their own; all others are stored as they are sent. */
const STRATEGIES: Readonly<Record<GroupResource, Strategy>> = {
  pods: POD,
  services: SERVICE,
  namespaces: NAMESPACE,
  nodes: NODE,
  serviceaccounts: RETURNED,
  persistentvolumes: RETURNED,
  persistentvolumeclaims: RETURNED,
  resourcequotas: RETURNED,
  podtemplates: RETURNED,
  replicationcontrollers: { hasGeneration: true, orphansByDefault: {} },
  'deployments.apps': { hasGeneration: true, annotationsBumpGeneration: true },
  'replicasets.apps': COUNTED,
  'statefulsets.apps': COUNTED,
  'daemonsets.apps': COUNTED,
  'jobs.batch': JOB,
  'cronjobs.batch': COUNTED,
  'ingresses.networking.k8s.io': COUNTED,
  'ingressclasses.networking.k8s.io': COUNTED,
  'networkpolicies.networking.k8s.io': COUNTED,
  'poddisruptionbudgets.policy': COUNTED,
  'customresourcedefinitions.apiextensions.k8s.io': DEFINITION,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED,
  'validatingadmissionpolicies.admissionregistration.k8s.io': VALIDATING_POLICY,
  'mutatingadmissionpolicies.admissionregistration.k8s.io': COUNTED,
  'flowschemas.flowcontrol.apiserver.k8s.io': COUNTED_APART,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': COUNTED_APART,
  'certificatesigningrequests.certificates.k8s.io': CERTIFICATE_SIGNING_REQUEST,
  'leases.coordination.k8s.io': { allowsCreateOnUpdate: true },
  events: { allowsCreateOnUpdate: true },
  'events.events.k8s.io': { allowsCreateOnUpdate: true },
  'endpointslices.discovery.k8s.io': { hasGeneration: true },
  'resourceclaims.resource.k8s.io': { statusKeepsMetadata: true },
  'volumeattachments.storage.k8s.io': { statusKeepsMetadata: true },
  'repositories.headway.dev': COUNTED_APART,
  'applications.headway.dev': COUNTED_APART,
};

export const strategyOf = (resource: ResourceType): Strategy => (resource.custom ? CUSTOM_RESOURCE : (STRATEGIES[groupResource(resource)] ?? PLAIN));
