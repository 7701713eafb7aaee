import { parseJsonList } from './json-text.ts';
import { checkLocalPath } from './paths.ts';
import type { Problems } from './problems.ts';
import { validateTolerations } from './tolerations.ts';
import { MIRROR_ANNOTATION } from '#api/pods.ts';
import type { AppArmorProfile, Container, EphemeralContainer, PodSpec, SeccompProfile, Toleration } from '#api/generated/core/v1.ts';

type Annotations = Readonly<Record<string, string>> | undefined;

const TOLERATIONS = 'scheduler.alpha.kubernetes.io/tolerations';
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';
const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';
const COST = /^(?:0|-\d+|[1-9]\d*)$/;
const MAX_COST = 2 ** 31;
const LOCAL = 'localhost/';

/** Annotations that say what has become a field since, or what Kubernetes' own parts read. A cost that was wrong before may stay. */
export function validatePodAnnotations(problems: Problems, path: string, annotations: Annotations, spec: PodSpec | undefined, old: Annotations = {}): void {
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const field = `${path}[${key}]`;
    if (key === MIRROR_ANNOTATION && !spec?.nodeName) problems.invalid(field, value, 'must set spec.nodeName if mirror pod annotation is set');
    if (key === TOLERATIONS && value !== '') validateTolerationsText(problems, path, value);
    if (key === DELETION_COST && !isCost(value) && isCost(old[DELETION_COST] ?? '0')) problems.invalid(field, value, 'must be a 32bit integer');
    if (key === SECCOMP_POD || key.startsWith(SECCOMP_CONTAINER)) validateSeccomp(problems, `${path}.${key}`, value);
    if (key.startsWith(APP_ARMOR)) validateAppArmor(problems, field, value, { name: key.slice(APP_ARMOR.length), spec });
  }
}

function validateTolerationsText(problems: Problems, path: string, text: string): void {
  const list = parseJsonList(text, '[]core.Toleration');
  if (list.fault === undefined) validateTolerations(problems, `${path}.${TOLERATIONS}`, list.value as readonly Toleration[]);
  else problems.invalid(path, TOLERATIONS, list.fault);
}

const isCost = (text: string): boolean => COST.test(text) && Number(text) >= -MAX_COST && Number(text) < MAX_COST;

function validateSeccomp(problems: Problems, field: string, profile: string): void {
  if (profile.startsWith(LOCAL)) checkLocalPath(problems, field, profile.slice(LOCAL.length));
  else if (!['runtime/default', 'docker/default', 'unconfined'].includes(profile)) problems.invalid(field, profile, 'must be a valid seccomp profile');
}

function validateAppArmor(problems: Problems, field: string, value: string, { name, spec }: { readonly name: string; readonly spec: PodSpec | undefined }): void {
  if (!containersOf(spec).some(([container]) => container.name === name)) problems.invalid(field, name, 'container not found');
  if (!['', 'runtime/default', 'unconfined'].includes(value) && !value.startsWith(LOCAL)) problems.invalid(field, value, `invalid AppArmor profile name: ${JSON.stringify(value)}`);
}

function containersOf(spec: PodSpec | undefined): readonly (readonly [Container | EphemeralContainer, string])[] {
  return (['initContainers', 'containers', 'ephemeralContainers'] as const).flatMap((list) => (spec?.[list] ?? []).map((container, i) => [container, `${list}[${i}]`] as const));
}

/** A profile that stands in a field and in an annotation must be the same one. */
export function validateProfiles(problems: Problems, path: string, annotations: Annotations = {}, spec: PodSpec | undefined): void {
  const { seccompProfile, appArmorProfile } = spec?.securityContext ?? {};
  const seccomp = (field: string, key: string, profile: SeccompProfile | undefined): void => compareProfile(problems, `${field}.securityContext.seccompProfile`, annotations[key], { kind: 'seccomp', profile, defaults: ['runtime/default', 'docker/default'] });
  seccomp(path, SECCOMP_POD, seccompProfile);
  for (const [{ name, securityContext }, at] of containersOf(spec)) seccomp(`${path}.${at}`, `${SECCOMP_CONTAINER}${name}`, securityContext?.seccompProfile);
  if (spec?.os?.name === 'windows') return;
  for (const [{ name, securityContext }, at] of containersOf(spec)) {
    compareProfile(problems, `${path}.${at}.securityContext.appArmorProfile`, annotations[`${APP_ARMOR}${name}`], { kind: 'apparmor', profile: securityContext?.appArmorProfile ?? appArmorProfile, defaults: ['runtime/default'] });
  }
}

interface Profile {
  readonly kind: string;
  readonly profile: SeccompProfile | AppArmorProfile | undefined;
  /** What the annotation says for the runtime's own one. */
  readonly defaults: readonly string[];
}

function compareProfile(problems: Problems, field: string, annotation: string | undefined, { kind, profile, defaults }: Profile): void {
  if (profile === undefined || annotation === undefined) return;
  const { type, localhostProfile } = profile;
  const isSame = type === 'Unconfined' ? annotation === 'unconfined' : type === 'RuntimeDefault' ? defaults.includes(annotation) : type !== 'Localhost' || annotation.startsWith(LOCAL);
  if (!isSame) problems.forbidden(`${field}.type`, `${kind} type in annotation and field must match`);
  else if (type === 'Localhost' && annotation.slice(LOCAL.length) !== localhostProfile) problems.forbidden(`${field}.localhostProfile`, `${kind} profile in annotation and field must match`);
}

/** What a pod was made as stays. All annotations are checked, once more where it is no status that is written. */
export function validatePodAnnotationsUpdate(problems: Problems, now: Annotations = {}, old: Annotations = {}, spec?: PodSpec): void {
  const path = 'metadata.annotations';
  const nameOf = (key: string): string | undefined => (key === MIRROR_ANNOTATION ? 'mirror pod annotation' : key.startsWith(APP_ARMOR) ? 'AppArmor annotations' : undefined);
  for (const key of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const name = now[key] === old[key] ? undefined : nameOf(key);
    if (name !== undefined) problems.forbidden(`${path}[${key}]`, `may not ${old[key] === undefined ? 'add' : 'remove or update'} ${name}`);
  }
  validatePodAnnotations(problems, path, now, spec, old);
}
