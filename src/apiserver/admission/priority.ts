import type { Pod } from '#api/generated/core/v1.ts';
import type { PriorityClass } from '#api/generated/scheduling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type ResourceType } from '#api/resource-type.ts';
import { PRIORITY_CLASSES } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import { refusedName } from './plugin.ts';

type AnyClass = PriorityClass & KubeObject;

/** Resolves `priorityClassName`, or takes the class that is the default of all, into the pod's number. */
export function withPriority(env: Environment, resource: ResourceType, object: KubeObject): KubeObject {
  const pod = object as Pod & KubeObject;
  const name = pod.spec?.priorityClassName ?? '';
  const found = name === '' ? defaultPriorityClass(env) : namedClass(env, name);
  if (name !== '' && found === undefined) throw forbidden(resource, refusedName({ object: pod }), `no PriorityClass with name ${name} was found`);
  const priority = found?.value ?? 0;
  if (pod.spec?.priority !== undefined && pod.spec.priority !== priority) {
    throw forbidden(resource, refusedName({ object: pod }), `the integer value of priority (${pod.spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`);
  }
  const preemptionPolicy = found?.preemptionPolicy ?? 'PreemptLowerPriority';
  if (pod.spec?.preemptionPolicy !== undefined && pod.spec.preemptionPolicy !== preemptionPolicy) {
    throw forbidden(resource, refusedName({ object: pod }), `the string value of PreemptionPolicy (${pod.spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemptionPolicy} from the given PriorityClass name`);
  }
  return { ...pod, spec: { ...pod.spec, priority, preemptionPolicy, ...(found ? { priorityClassName: found.metadata.name } : {}) } } as KubeObject;
}

/** A pod that is replaced by its manifest keeps what its class gave it. */
export function keepPriority(object: KubeObject, live: KubeObject): KubeObject {
  const { priority, preemptionPolicy } = (live as Pod & KubeObject).spec ?? {};
  const pod = object as Pod & KubeObject;
  const lost = {
    ...(pod.spec?.priority === undefined && priority !== undefined ? { priority } : {}),
    ...(pod.spec?.preemptionPolicy === undefined && preemptionPolicy !== undefined ? { preemptionPolicy } : {}),
  };
  return Object.keys(lost).length === 0 ? object : ({ ...pod, spec: { ...pod.spec, ...lost } } as KubeObject);
}

const namedClass = (env: Environment, name: string): AnyClass | undefined => env.cache.get(groupResource(PRIORITY_CLASSES), '', name)?.object as AnyClass | undefined;

/** Of several, which a race may leave, the one with the lowest value. */
export function defaultPriorityClass(env: Environment): AnyClass | undefined {
  const defaults = env.cache.list(groupResource(PRIORITY_CLASSES)).items.map((i) => i.object as AnyClass).filter((c) => c.globalDefault);
  return defaults.toSorted((a, b) => (a.value ?? 0) - (b.value ?? 0))[0];
}
