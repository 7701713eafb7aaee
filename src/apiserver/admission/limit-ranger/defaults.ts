import type { Container, LimitRange } from '#api/generated/core/v1.ts';
import type { PodObject } from '#api/pods.ts';
import type { ResourceList } from '#api/quota/amounts.ts';
import { qosClassOf } from '../../registry/core/qos-class.ts';

const ANNOTATION = 'kubernetes.io/limit-ranger';
interface Presets { readonly requests: ResourceList; readonly limits: ResourceList }
interface Changed { readonly container: Container; readonly notes: readonly string[] }

/** The pod with what the range presets for containers that say nothing, and a note of it in an annotation. */
export function withLimitDefaults(pod: PodObject, range: LimitRange): PodObject {
  const presets = presetsOf(range);
  const containers = (pod.spec?.containers ?? []).map((c) => preset(c, presets, 'container'));
  const initContainers = (pod.spec?.initContainers ?? []).map((c) => preset(c, presets, 'init container'));
  const notes = [...containers, ...initContainers].flatMap((c) => c.notes);
  if (notes.length === 0) return pod;
  const spec = { ...pod.spec, containers: containers.map((c) => c.container), ...(pod.spec?.initContainers ? { initContainers: initContainers.map((c) => c.container) } : {}) };
  const annotations = { ...pod.metadata.annotations, [ANNOTATION]: `LimitRanger plugin set: ${notes.join('; ')}` };
  return { ...pod, metadata: { ...pod.metadata, annotations }, spec, status: { ...pod.status, qosClass: qosClassOf(spec) } } as PodObject;
}

function presetsOf({ spec }: LimitRange): Presets {
  const all = (spec?.limits ?? []).filter(({ type }) => type === 'Container');
  return { requests: Object.assign({}, ...all.map((l) => l.defaultRequest ?? {})) as ResourceList, limits: Object.assign({}, ...all.map((l) => l.default ?? {})) as ResourceList };
}

function preset(container: Container, presets: Presets, kind: string): Changed {
  const missing = (side: 'requests' | 'limits'): readonly string[] => Object.keys(presets[side]).filter((name) => container.resources?.[side]?.[name] === undefined).toSorted();
  const [requests, limits] = [missing('requests'), missing('limits')];
  if (requests.length + limits.length === 0) return { container, notes: [] };
  const resources = {
    ...container.resources,
    ...(limits.length > 0 ? { limits: { ...presets.limits, ...container.resources?.limits } } : {}),
    ...(requests.length > 0 ? { requests: { ...presets.requests, ...container.resources?.requests } } : {}),
  };
  const note = (names: readonly string[], what: string): readonly string[] => (names.length === 0 ? [] : [`${names.join(', ')} ${what} for ${kind} ${container.name}`]);
  return { container: { ...container, resources } as Container, notes: [...note(requests, 'request'), ...note(limits, 'limit')] };
}
