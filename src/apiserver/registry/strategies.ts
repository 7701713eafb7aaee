import type { GroupResource } from '#api/resource-type.ts';
import { JOB } from './batch/job.ts';
import { NAMESPACE } from './core/namespace.ts';
import { NODE } from './core/node.ts';
import { POD } from './core/pod.ts';
import { SERVICE } from './core/service/strategy.ts';
import type { Strategy } from './strategy.ts';

const COUNTED: Strategy = { hasGeneration: true };
const RETURNED: Strategy = { returnsDeleted: true };

/** The kinds with rules of their own; all others are stored as they are sent. */
export const STRATEGIES: Readonly<Record<GroupResource, Strategy>> = {
  pods: POD,
  services: SERVICE,
  namespaces: NAMESPACE,
  nodes: NODE,
  serviceaccounts: RETURNED,
  persistentvolumes: RETURNED,
  persistentvolumeclaims: RETURNED,
  resourcequotas: RETURNED,
  podtemplates: RETURNED,
  replicationcontrollers: COUNTED,
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
  'customresourcedefinitions.apiextensions.k8s.io': COUNTED,
  'validatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED,
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': COUNTED,
  'validatingadmissionpolicies.admissionregistration.k8s.io': COUNTED,
  'flowschemas.flowcontrol.apiserver.k8s.io': COUNTED,
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': COUNTED,
  'leases.coordination.k8s.io': { allowsCreateOnUpdate: true },
  events: { allowsCreateOnUpdate: true },
  'endpointslices.discovery.k8s.io': { hasGeneration: true },
  'repositories.headway.dev': COUNTED,
  'applications.headway.dev': COUNTED,
};
