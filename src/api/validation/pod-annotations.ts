import type { Problems } from './problems.ts';
import type { PodSpec } from '#api/generated/core/v1.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const COST = /^(?:0|-\d+|[1-9]\d*)$/;
const MAX_COST = 2 ** 31;

/** Annotations that say what has become a field since, or what Kubernetes' own parts read. */
export function validatePodAnnotations(problems: Problems, path: string, annotations: Annotations, spec: PodSpec | undefined): void {
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const field = `${path}[${key}]`;
    if (key === MIRROR && !spec?.nodeName) problems.invalid(field, value, 'must set spec.nodeName if mirror pod annotation is set');
    if (key === DELETION_COST && !isCost(value)) problems.invalid(field, value, 'must be a 32bit integer');
    if ((key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) && !isProfile(value, ['runtime/default', 'docker/default', 'unconfined'])) problems.invalid(field, value, 'must be a valid seccomp profile');
    if (key.startsWith(APP_ARMOR)) validateAppArmor(problems, field, value, { name: key.slice(APP_ARMOR.length), spec });
  }
}

const isCost = (text: string): boolean => COST.test(text) && Number(text) >= -MAX_COST && Number(text) < MAX_COST;
const isProfile = (value: string, known: readonly string[]): boolean => known.includes(value) || value.startsWith('localhost/');

function validateAppArmor(problems: Problems, field: string, value: string, { name, spec }: { readonly name: string; readonly spec: PodSpec | undefined }): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  if (!containers.some((container) => container.name === name)) problems.invalid(field, name, 'container not found');
  if (value !== '' && !isProfile(value, ['runtime/default', 'unconfined'])) problems.invalid(field, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`);
}

/** What a pod was made as stays. */
export function validatePodAnnotationsUpdate(problems: Problems, path: string, now: Annotations = {}, old: Annotations = {}): void {
  const nameOf = (key: string): string | undefined => (key === MIRROR ? 'mirror pod annotation' : key.startsWith(APP_ARMOR) ? 'AppArmor annotations' : undefined);
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const name = now[key] === old[key] ? undefined : nameOf(key);
    if (name !== undefined) problems.forbidden(`${path}[${key}]`, `may not ${old[key] === undefined ? 'add' : 'remove or update'} ${name}`);
  }
}
