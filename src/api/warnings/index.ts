import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '#api/generated/apps/v1.ts';
import type { CronJob, Job } from '#api/generated/batch/v1.ts';
import type { Pod, PodTemplate, PodTemplateSpec, ReplicationController } from '#api/generated/core/v1.ts';
import { dns1123Label } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import { warnOfRuntimeClass, warnOfServiceAccount } from './cluster.ts';
import { warnOfIngress, warnOfService } from './network.ts';
import { warnOfTemplate } from './pod.ts';
import { warnOfCapacity, warnOfClaim, warnOfStorageClass, warnOfVolume } from './storage.ts';

type Rule = (object: KubeObject) => readonly string[];
/** Ties a rule to the type of its kind; whoever looks it up by the resource has an object of it. */
const rule = <T extends KubeObject>(warn: (object: T) => readonly string[]): Rule => warn as unknown as Rule;

const PODS_OF = rule<Deployment | ReplicaSet | ReplicationController>(({ spec }) => warnOfTemplate('spec.template', spec?.template as PodTemplateSpec | undefined));
const ZONE = 'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details';

/** By the type in the fact tables. */
const RULES: Readonly<Record<string, Rule>> = {
  'core/v1.Pod': rule<Pod>((pod) => warnOfTemplate('', { metadata: pod.metadata, spec: pod.spec } as PodTemplateSpec)),
  'core/v1.PodTemplate': rule<PodTemplate>(({ template }) => warnOfTemplate('template', template)),
  'core/v1.ReplicationController': PODS_OF, 'apps/v1.ReplicaSet': PODS_OF, 'apps/v1.Deployment': PODS_OF,
  'apps/v1.DaemonSet': rule<DaemonSet>(({ spec }) => warnOfTemplate('spec.template', spec.template)),
  'apps/v1.StatefulSet': rule<StatefulSet>(({ spec }) => [
    ...warnOfTemplate('spec.template', spec.template),
    ...((spec.revisionHistoryLimit ?? 0) < 0 ? ['spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'] : []),
  ]),
  'batch/v1.Job': rule<Job>(({ spec }) => warnOfTemplate('spec.template', spec.template)),
  'batch/v1.CronJob': rule<CronJob>(({ spec }) => [...warnOfTemplate('spec.jobTemplate.spec.template', spec.jobTemplate?.spec?.template), ...(spec.schedule.includes('TZ') ? [ZONE] : [])]),
  'core/v1.Service': rule(warnOfService),
  'networking/v1.Ingress': rule(warnOfIngress),
  'core/v1.PersistentVolume': rule(warnOfVolume),
  'core/v1.PersistentVolumeClaim': rule(warnOfClaim),
  'storage/v1.StorageClass': rule(warnOfStorageClass),
  'storage/v1.CSIStorageCapacity': rule(warnOfCapacity),
  'node/v1.RuntimeClass': rule(warnOfRuntimeClass),
  'core/v1.ServiceAccount': rule(warnOfServiceAccount),
};

const HOSTNAME = 'which can result in surprising behavior; a DNS label is recommended';
/** Kinds whose name becomes a part of hostnames. */
const NAMES: Readonly<Record<string, string>> = {
  'core/v1.Pod': 'the Pod\'s hostname', ...Object.fromEntries(['core/v1.ReplicationController', 'apps/v1.ReplicaSet', 'apps/v1.Deployment', 'apps/v1.StatefulSet', 'batch/v1.Job', 'batch/v1.CronJob']
    .map((type) => [type, 'Pod names and hostnames'])),
};
/** Programs write these often, and people do not read what they are told. */
const QUIET_UPDATES: ReadonlySet<string> = new Set(['core/v1.Pod', 'core/v1.ServiceAccount']);

/** What its writer should know of an object that is fine, worded as Kubernetes does. `facts` names its type in the fact tables. */
export function warningsOf(facts: string | undefined, object: KubeObject, isUpdate: boolean): readonly string[] {
  const warn = facts === undefined ? undefined : RULES[facts];
  if (facts === undefined || warn === undefined || (isUpdate && QUIET_UPDATES.has(facts))) return [];
  const name = isUpdate ? [] : warnOfName(NAMES[facts], object.metadata.name);
  return name.length === 0 ? warn(object) : [...name, ...warn(object)];
}

function warnOfName(use: string | undefined, name: string): readonly string[] {
  const problems = use === undefined ? [] : dns1123Label(name);
  return problems.length === 0 ? [] : [`metadata.name: this is used in ${use}, ${HOSTNAME}: [${problems.join(' ')}]`];
}
