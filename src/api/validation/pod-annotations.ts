import { checkLocalPath } from './paths.ts';
import type { Problems } from './problems.ts';
import type { AppArmorProfile, PodSpec, SeccompProfile } from '#api/generated/core/v1.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const MIRROR = 'kubernetes.io/config.mirror';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const LOCAL = 'localhost/';
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
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) validateSeccomp(problems, `${path}.${key}`, value);
    if (key.startsWith(APP_ARMOR)) validateAppArmor(problems, field, value, { name: key.slice(APP_ARMOR.length), spec });
  }
}

export const isMirror = (annotations: Annotations): boolean => annotations?.[MIRROR] !== undefined;

const isCost = (text: string): boolean => COST.test(text) && Number(text) >= -MAX_COST && Number(text) < MAX_COST;

function validateSeccomp(problems: Problems, field: string, value: string): void {
  if (value.startsWith(LOCAL)) checkLocalPath(problems, field, value.slice(LOCAL.length));
  else if (!['runtime/default', 'docker/default', 'unconfined'].includes(value)) problems.invalid(field, value, 'must be a valid seccomp profile');
}

function validateAppArmor(problems: Problems, field: string, value: string, { name, spec }: { readonly name: string; readonly spec: PodSpec | undefined }): void {
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])];
  if (!containers.some((container) => container.name === name)) problems.invalid(field, name, 'container not found');
  if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith(LOCAL)) problems.invalid(field, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`);
}

interface Match {
  /** What the messages call it. */
  readonly title: string;
  readonly annotation: string | undefined;
  readonly profile: SeccompProfile | AppArmorProfile | undefined;
  /** What the annotation says for the default of the runtime. */
  readonly defaults: readonly string[];
}

/** A new pod may say in an annotation and in a field under which profile it runs, and says the same then. */
export function validateProfileAnnotations(problems: Problems, path: string, annotations: NonNullable<Annotations>, spec: PodSpec): void {
  const seccomp = { title: 'seccomp', defaults: ['runtime/default', 'docker/default'] };
  checkMatch(problems, `${path}.securityContext.seccompProfile`, { ...seccomp, annotation: annotations[SECCOMP_POD], profile: spec.securityContext?.seccompProfile });
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'] as const) for (const [i, { name, securityContext }] of (spec[list] ?? []).entries()) {
    const field = `${path}.${list}[${i}].securityContext`;
    checkMatch(problems, `${field}.seccompProfile`, { ...seccomp, annotation: annotations[`${SECCOMP_CONTAINER}${name}`], profile: securityContext?.seccompProfile });
    if (spec.os?.name === 'windows') continue;
    checkMatch(problems, `${field}.appArmorProfile`, { title: 'apparmor', defaults: ['runtime/default'], annotation: annotations[`${APP_ARMOR}${name}`], profile: securityContext?.appArmorProfile });
  }
}

function checkMatch(problems: Problems, field: string, { title, annotation, profile, defaults }: Match): void {
  if (annotation === undefined || profile === undefined) return;
  const { type, localhostProfile } = profile;
  const isSameType = type === 'Localhost' ? annotation.startsWith(LOCAL) : type === 'RuntimeDefault' ? defaults.includes(annotation) : type !== 'Unconfined' || annotation === 'unconfined';
  if (!isSameType) problems.forbidden(`${field}.type`, `${title} type in annotation and field must match`);
  else if (type === 'Localhost' && annotation.slice(LOCAL.length) !== localhostProfile) problems.forbidden(`${field}.localhostProfile`, `${title} profile in annotation and field must match`);
}

/** What a pod was made as stays. */
export function validatePodAnnotationsUpdate(problems: Problems, path: string, now: Annotations = {}, old: Annotations = {}): void {
  const nameOf = (key: string): string | undefined => (key === MIRROR ? 'mirror pod annotation' : key.startsWith(APP_ARMOR) ? 'AppArmor annotations' : undefined);
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const name = now[key] === old[key] ? undefined : nameOf(key);
    if (name !== undefined) problems.forbidden(`${path}[${key}]`, `may not ${old[key] === undefined ? 'add' : 'remove or update'} ${name}`);
  }
}
