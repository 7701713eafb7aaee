import { goForm, NODE_TERM } from './go-form.ts';
import { validatePodAnnotationsUpdate } from './pod-annotations.ts';
import type { Problems } from './problems.ts';
import { validateTolerations } from './tolerations.ts';
import type { Affinity, Container, NodeAffinity, NodeSelectorTerm, Pod, PodSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';

const FIXED = 'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const MAX_SECONDS = 2 ** 31 - 1;

/** For a plain update: subresources that change more (binding, ephemeralcontainers, resize) have rules of their own. */
export function validatePodUpdate(problems: Problems, { metadata, spec }: Pod, { metadata: oldMetadata, spec: old }: Pod): void {
  validatePodAnnotationsUpdate(problems, metadata.annotations, oldMetadata.annotations, spec);
  for (const list of ['containers', 'initContainers'] as const) {
    const containers = spec[list] ?? [];
    if (containers.length !== (old[list] ?? []).length) return problems.forbidden(`spec.${list}`, 'pod updates may not add or remove containers');
    // Kubernetes looks at the images of an update once more.
    for (const [i, { image = '' }] of containers.entries()) {
      if (image === '') problems.required(`spec.${list}[${i}].image`);
      if (image.trim() !== image) problems.invalid(`spec.${list}[${i}].image`, image, 'must not have leading or trailing whitespace');
    }
  }
  if (!checkDeadline(problems, spec.activeDeadlineSeconds, old.activeDeadlineSeconds)) return;
  checkTolerations(problems, spec, old);
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (!old.schedulingGates?.some((gate) => gate.name === name)) problems.forbidden(`spec.schedulingGates[${i}].name`, `only deletion is allowed, but found new scheduling gate '${name}'`);
  }
  const isGated = (old.schedulingGates ?? []).length > 0;
  if (isGated) checkPlacement(problems, spec, old);
  if (!jsonEqual(fixedPart(spec, old, isGated), fixedPart(old, old, isGated))) problems.forbidden('spec', FIXED);
}

/** It may be set, and brought nearer. */
function checkDeadline(problems: Problems, now: number | undefined, before: number | undefined): boolean {
  if (now !== undefined && (now < 0 || now > MAX_SECONDS)) {
    problems.between('spec.activeDeadlineSeconds', now, 0, MAX_SECONDS);
    return false;
  }
  if (before === undefined || now === before) return true;
  if (now !== undefined && now < before) return true;
  problems.invalid('spec.activeDeadlineSeconds', now ?? null, now === undefined ? 'must not update from a positive integer to nil value' : 'must be less than or equal to previous value');
  return now === undefined;
}

function checkTolerations(problems: Problems, { tolerations = [] }: PodSpec, { tolerations: old = [] }: PodSpec): void {
  const keeps = old.every((toleration) => tolerations.some((t) => jsonEqual({ ...t, tolerationSeconds: 0 }, { ...toleration, tolerationSeconds: 0 })));
  if (!keeps) problems.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds');
  else if (tolerations.length !== old.length) validateTolerations(problems, 'spec.tolerations', tolerations);
}

/** A pod that waits at a gate is not scheduled yet: where it may go can still be narrowed. */
function checkPlacement(problems: Problems, spec: PodSpec, old: PodSpec): void {
  const selector = spec.nodeSelector ?? {};
  if (Object.entries(old.nodeSelector ?? {}).some(([key, value]) => selector[key] !== value)) problems.invalid('spec.nodeSelector', selector, 'only additions to spec.nodeSelector are allowed (no mutations or deletions)');
  const before = termsOf(old.affinity?.nodeAffinity);
  if (before.length === 0) return;
  const terms = termsOf(spec.affinity?.nodeAffinity);
  const field = 'spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms';
  if (terms.length !== before.length) return problems.invalid(field, goForm(terms.length === 0 ? undefined : terms, NODE_TERM), 'no additions/deletions to non-empty NodeSelectorTerms list are allowed');
  for (const [i, term] of terms.entries()) if (!hasOnlyMore(term, before[i] ?? {})) problems.invalid(`${field}[${i}]`, goForm(term, NODE_TERM), 'only additions are allowed (no mutations or deletions)');
}

const termsOf = (affinity: NodeAffinity | undefined): readonly NodeSelectorTerm[] => affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];

function hasOnlyMore(term: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const lists = ['matchExpressions', 'matchFields'] as const;
  const wasEmpty = lists.every((list) => (old[list] ?? []).length === 0);
  if (wasEmpty) return lists.every((list) => (term[list] ?? []).length === 0);
  return lists.every((list) => jsonEqual((term[list] ?? []).slice(0, (old[list] ?? []).length), old[list] ?? []));
}

/** The spec without what may change. */
function fixedPart(spec: PodSpec, old: PodSpec, isGated: boolean): object {
  const { activeDeadlineSeconds: _a, tolerations: _t, schedulingGates: _s, containers, initContainers, terminationGracePeriodSeconds, nodeSelector, affinity, ...fixed } = spec;
  const withoutImage = (container: Container): object => ({ ...container, image: '' });
  const grace = (old.terminationGracePeriodSeconds ?? 0) < 0 && terminationGracePeriodSeconds === 1 ? old.terminationGracePeriodSeconds : terminationGracePeriodSeconds;
  const placement = isGated ? { affinity: withoutNodes(affinity) } : { nodeSelector: nodeSelector ?? {}, affinity: affinity ?? null };
  return { ...fixed, ...placement, grace: grace ?? null, containers: (containers ?? []).map(withoutImage), initContainers: (initContainers ?? []).map(withoutImage) };
}

function withoutNodes(affinity: Affinity | undefined): object {
  const { nodeAffinity: _, ...rest } = affinity ?? {};
  return rest;
}
