import { warnOfDeviceDriver, warnOfNode, warnOfRuntimeClass, warnOfServiceAccount } from './cluster.ts';
import { warnOfSecret } from './key-pair.ts';
import { warnOfBalancerStatus, warnOfEndpoints, warnOfEndpointSlice, warnOfIngress, warnOfNetworkPolicy, warnOfPodStatus, warnOfService } from './network.ts';
import { warnOfTemplate } from './pod.ts';
import { warnOfCapacity, warnOfClaim, warnOfStorageClass, warnOfVolume } from './storage.ts';
import { warnOfCronJob, warnOfJob, warnOfStatefulSet } from './workloads.ts';
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { CronJob, Job } from '#api/generated/batch/v1.ts';
import type { Pod, PodTemplate, PodTemplateSpec, ReplicationController, ServiceAccount } from '#api/generated/core/v1.ts';
import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { Ingress } from '#api/generated/networking/v1.ts';
import { dns1123Label } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';

/** What an update changes. */
export interface Update<T = KubeObject> {
  readonly live: T;
  /** Whether it counts: of an object whose generation stays the same its writer has been told before. */
  readonly isCounted: boolean;
}
type Rule<T = KubeObject> = (object: T, update?: Update<T>) => readonly string[];
/** Ties a rule to the type of its kind; whoever looks it up by the resource has an object of it. */
const rule = <T extends KubeObject>(warn: Rule<T>): Rule => warn as unknown as Rule;

const isTold = (update: Update<unknown> | undefined): boolean => update?.isCounted === false;
const PODS_OF = rule<Deployment | ReplicaSet | ReplicationController | DaemonSet>(({ spec }, update) => (isTold(update) ? [] : warnOfTemplate('spec.template', spec?.template as PodTemplateSpec | undefined)));

/** By the type in the fact tables. */
const RULES: Readonly<Record<string, Rule>> = {
  // Programs write pods often, and people do not read what they are told.
  'core/v1.Pod': rule<Pod>((pod, update) => (update === undefined ? warnOfTemplate('', { metadata: pod.metadata, spec: pod.spec } as PodTemplateSpec) : [])),
  'core/v1.PodTemplate': rule<PodTemplate>(({ template }, update) => (isTold(update) ? [] : warnOfTemplate('template', template))),
  'core/v1.ReplicationController': PODS_OF, 'apps/v1.ReplicaSet': PODS_OF, 'apps/v1.Deployment': PODS_OF, 'apps/v1.DaemonSet': PODS_OF,
  'apps/v1.StatefulSet': rule<StatefulSet>(({ spec }, update) => [...(isTold(update) ? [] : warnOfTemplate('spec.template', spec.template)), ...warnOfStatefulSet(spec, update === undefined)]),
  'batch/v1.Job': rule<Job>(({ spec }, update) => (isTold(update) ? [] : warnOfJob('spec', spec))),
  'batch/v1.CronJob': rule<CronJob>(({ spec }, update) => [...(isTold(update) ? [] : warnOfJob('spec.jobTemplate.spec', spec.jobTemplate?.spec)), ...(update === undefined ? [] : warnOfCronJob(spec))]),
  'core/v1.Service': rule(warnOfService),
  'core/v1.Secret': rule(warnOfSecret),
  'core/v1.Node': rule(warnOfNode),
  'core/v1.Endpoints': rule(warnOfEndpoints),
  'discovery/v1.EndpointSlice': rule<EndpointSlice>((slice, update) => warnOfEndpointSlice(slice, update === undefined)),
  'networking/v1.Ingress': rule<Ingress>((ingress, update) => (update === undefined ? warnOfIngress(ingress) : [])),
  'networking/v1.NetworkPolicy': rule(warnOfNetworkPolicy),
  'core/v1.PersistentVolume': rule(warnOfVolume),
  'core/v1.PersistentVolumeClaim': rule(warnOfClaim),
  'storage/v1.StorageClass': rule(warnOfStorageClass),
  'storage/v1.CSIStorageCapacity': rule(warnOfCapacity),
  'node/v1.RuntimeClass': rule(warnOfRuntimeClass),
  'resource/v1.ResourceSlice': rule(warnOfDeviceDriver),
  'core/v1.ServiceAccount': rule<ServiceAccount>((account, update) => warnOfServiceAccount(account, update?.live)),
};

/** Of writes of a status alone. */
const STATUS_RULES: Readonly<Record<string, Rule>> = { 'core/v1.Pod': rule(warnOfPodStatus), 'core/v1.Service': rule(warnOfBalancerStatus) };

const HOSTNAME = 'which can result in surprising behavior; a DNS label is recommended';
/** Kinds whose name becomes a part of hostnames. */
const NAMES: Readonly<Record<string, string>> = {
  'core/v1.Pod': 'the Pod\'s hostname', ...Object.fromEntries(['core/v1.ReplicationController', 'apps/v1.ReplicaSet', 'apps/v1.Deployment', 'apps/v1.StatefulSet', 'batch/v1.Job', 'batch/v1.CronJob']
    .map((type) => [type, 'Pod names and hostnames'])),
};

/** What its writer should know of an object that is fine, worded as Kubernetes does. `facts` names its type in the fact tables; `update` is absent when the object is made. */
export function warningsOf(facts: string | undefined, object: KubeObject, update?: Update): readonly string[] {
  const warn = facts === undefined ? undefined : RULES[facts];
  if (facts === undefined || warn === undefined) return [];
  const name = update === undefined ? warnOfName(NAMES[facts], object.metadata.name) : [];
  return name.length === 0 ? warn(object, update) : [...name, ...warn(object, update)];
}

export const statusWarningsOf = (facts: string | undefined, object: KubeObject): readonly string[] => STATUS_RULES[facts ?? '']?.(object) ?? [];

function warnOfName(use: string | undefined, name: string): readonly string[] {
  const problems = use === undefined ? [] : dns1123Label(name);
  return problems.length === 0 ? [] : [`metadata.name: this is used in ${use}, ${HOSTNAME}: [${problems.join(' ')}]`];
}
