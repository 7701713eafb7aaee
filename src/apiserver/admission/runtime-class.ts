import type { RuntimeClass } from '#api/generated/node/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { PodObject } from '#api/pods.ts';
import { compare, tryParseQuantity } from '#api/quantity.ts';
import { isSameResource } from '#api/resource-type.ts';
import { PODS, RUNTIME_CLASSES } from '#api/resources.ts';
import { forbidden } from '#api/status-error.ts';
import type { Environment } from '../environment.ts';
import { readCached, readFresh } from '../storage/object-reader.ts';
import { mergeTolerations } from './merge-tolerations.ts';
import { type AdmissionPlugin, type AdmissionRequest, refusedName } from './plugin.ts';

type Class = RuntimeClass & KubeObject;

/** Gives pods of a RuntimeClass its overhead, its nodes and its tolerations. */
export const RUNTIME_CLASS: AdmissionPlugin = {
  name: 'RuntimeClass',
  handles: ({ operation, resource, subresource, object }) => {
    if (operation !== 'CREATE' || subresource !== '' || !isSameResource(resource, PODS)) return false;
    const spec = (object as PodObject).spec as PodObject['spec'] | undefined;
    return spec?.runtimeClassName !== undefined || spec?.overhead !== undefined;
  },
  async mutate(request, env) {
    const pod = request.object as PodObject;
    const found = await classOf(request, env);
    if (found === undefined) return pod;
    const fixed = found.overhead?.podFixed;
    if (found.overhead && pod.spec.overhead && !isSameAmount(pod.spec.overhead, fixed)) throw refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    return { ...pod, spec: { ...pod.spec, ...(fixed ? { overhead: fixed } : {}), ...scheduling(request, pod, found) } } as KubeObject;
  },
  async validate(request, env) {
    const { overhead } = (request.object as PodObject).spec;
    const found = await classOf(request, env);
    if (found?.overhead && !isSameAmount(overhead, found.overhead.podFixed)) throw refuse(request, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    if (!found?.overhead && overhead !== undefined) throw refuse(request, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead');
  },
};

type Amount = PodObject['spec']['overhead'];

/** However it is written: `1Gi` is `1073741824`. */
function isSameAmount(one: Amount = {}, other: Amount = {}): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => {
    const [a, b] = [one, other].map((amount) => tryParseQuantity(amount[name] ?? ''));
    return a !== undefined && b !== undefined && compare(a, b) === 0;
  });
}

const refuse = (request: AdmissionRequest, why: string) => forbidden(request.resource, refusedName(request), why);

async function classOf(request: AdmissionRequest, { cache }: Environment): Promise<Class | undefined> {
  const name = (request.object as PodObject).spec.runtimeClassName;
  if (name === undefined) return undefined;
  const found = readCached(cache, RUNTIME_CLASSES, '', name) ?? (await readFresh(cache, RUNTIME_CLASSES, '', name));
  if (found === undefined) throw refuse(request, `pod rejected: RuntimeClass "${name}" not found`);
  return found.object as Class;
}

function scheduling(request: AdmissionRequest, { spec }: PodObject, found: Class): object {
  if (found.scheduling === undefined) return {};
  const { nodeSelector = {}, tolerations = [] } = found.scheduling;
  const conflict = Object.keys(nodeSelector).find((key) => spec.nodeSelector?.[key] !== undefined && spec.nodeSelector[key] !== nodeSelector[key]);
  if (conflict !== undefined) throw refuse(request, `conflict: runtimeClass.scheduling.nodeSelector[${conflict}] = ${nodeSelector[conflict]}; pod.spec.nodeSelector[${conflict}] = ${spec.nodeSelector?.[conflict]}`);
  const merged = mergeTolerations(spec.tolerations ?? [], tolerations);
  const selected = { ...spec.nodeSelector, ...nodeSelector };
  return { ...(Object.keys(selected).length > 0 ? { nodeSelector: selected } : {}), ...(merged.length > 0 ? { tolerations: merged } : {}) };
}
