import type { Container, Pod, ResourceRequirements } from '#api/generated/core/v1.ts';
import type { StatusCause } from '#api/generated/meta/v1.ts';
import { jsonEqual } from '#api/json.ts';
import { Problems } from '#api/validation/problems.ts';
import { isMirrorPod } from '#api/pods.ts';
import { qosClassOf } from './qos-class.ts';

const ONLY = 'only cpu and memory resources are mutable';
type List = 'containers' | 'initContainers';

/** Only the resources of the pod and of its containers, and how they are changed, are taken over; the lists are, so that validation can tell of their changes. */
export function resized(pod: Pod, live: Pod): Pod {
  const listOf = (list: List): readonly Container[] => (pod.spec[list] ?? []).map((container) => withResources(container, live.spec[list]));
  const { resources: _, ...fixed } = live.spec;
  const { resources } = pod.spec;
  return {
    ...live, metadata: { ...live.metadata, managedFields: pod.metadata.managedFields },
    spec: { ...fixed, ...(resources === undefined ? {} : { resources }), containers: listOf('containers'), ...(live.spec.initContainers ? { initContainers: listOf('initContainers') } : {}) },
  } as Pod;
}

function withResources(container: Container, live: readonly Container[] | undefined): Container {
  const old = live?.find(({ name }) => name === container.name);
  if (old === undefined) return container;
  const { resources: _r, resizePolicy: _p, ...rest } = old;
  const { resources, resizePolicy } = container;
  return { ...rest, ...(resources === undefined ? {} : { resources }), ...(resizePolicy === undefined ? {} : { resizePolicy }) };
}

/** What forbids the change from `live` to a pod that {@link resized} made. */
export function resizeProblems(pod: Pod, live: Pod): readonly StatusCause[] {
  const problems = new Problems();
  const refusal = refusalOf(live);
  if (refusal === undefined) compare(problems, pod, live);
  else problems.forbidden('', refusal);
  return problems.causes;
}

function refusalOf(live: Pod): string | undefined {
  if (isMirrorPod(live)) return 'static pods cannot be resized';
  return live.spec.os?.name === 'windows' ? 'windows pods cannot be resized' : undefined;
}

function compare(problems: Problems, pod: Pod, live: Pod): void {
  if ((live.status?.qosClass ?? qosClassOf(live.spec)) !== qosClassOf(pod.spec)) problems.invalid('spec', pod.status?.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing');
  const running = live.status?.containerStatuses?.find(({ state }) => state?.running !== undefined);
  if (running !== undefined && running.resources === undefined) problems.forbidden('spec', 'Pod running on node without support for resize');
  compareResources(problems, 'spec.resources', pod.spec.resources, live.spec.resources);
  if (!jsonEqual(otherAmounts(pod.spec.resources), otherAmounts(live.spec.resources))) problems.forbidden('spec', ONLY);
  if (!hasSameOrder(problems, pod, live)) return;
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (pod.spec[list] ?? []).entries()) compareContainer(problems, `spec.${list}[${i}].resources`, container, live.spec[list]?.[i], list);
  }
}

function hasSameOrder(problems: Problems, pod: Pod, live: Pod): boolean {
  const before = problems.causes.length;
  for (const list of ['containers', 'initContainers'] as const) {
    const [now, old] = [pod.spec[list] ?? [], live.spec[list] ?? []];
    if (now.length !== old.length) problems.forbidden(`spec.${list}`, `${list} may not be added or removed on resize`);
    else for (const [i, { name }] of now.entries()) if (name !== old[i]?.name) problems.forbidden(`spec.${list}[${i}].name`, `${list} may not be renamed or reordered on resize`);
  }
  return problems.causes.length === before;
}

function compareContainer(problems: Problems, field: string, container: Container, old: Container | undefined, list: List): void {
  if (old === undefined) return;
  if (list === 'initContainers' && old.restartPolicy !== 'Always') {
    if (!jsonEqual(container, old)) problems.forbidden('spec', 'resources for non-sidecar init containers are immutable');
    return;
  }
  compareResources(problems, field, container.resources, old.resources);
  if (!jsonEqual(fixedPart(container), fixedPart(old))) problems.forbidden('spec', list === 'containers' ? ONLY : 'only cpu and memory resources for sidecar containers are mutable');
}

function compareResources(problems: Problems, field: string, now: ResourceRequirements | undefined, old: ResourceRequirements | undefined): void {
  for (const side of ['requests', 'limits'] as const) {
    const present = now?.[side] ?? {};
    if (Object.keys(old?.[side] ?? {}).some((name) => !Object.hasOwn(present, name))) problems.forbidden(`${field}.${side}`, `resource ${side} cannot be removed`);
  }
}

/** The container without what may change. */
const fixedPart = ({ resources, ...rest }: Container): object => ({ ...rest, ...otherAmounts(resources) });

function otherAmounts(resources: ResourceRequirements | undefined): object {
  const others = (amounts: ResourceRequirements['limits']): object => Object.fromEntries(Object.entries(amounts ?? {}).filter(([name]) => name !== 'cpu' && name !== 'memory'));
  return { claims: resources?.claims ?? [], limits: others(resources?.limits), requests: others(resources?.requests) };
}
