import type { Affinity, PodSpec, PodTemplateSpec } from '#api/generated/core/v1.ts';
import type { ObjectMeta } from '#api/generated/meta/v1.ts';
import { warnOfAddress } from './addresses.ts';
import { placedContainers, warnOfContainers } from './containers.ts';
import { warnOfFractions } from './fractions.ts';
import { deprecatedLabel, warnOfTerm } from './node-labels.ts';
import { warnOfVolumes } from './volumes.ts';
import { firstIndexes } from '#base/first-indexes.ts';

const ANNOTATIONS: Readonly<Record<string, string>> = {
  'scheduler.alpha.kubernetes.io/critical-pod': 'non-functional in v1.16+; use the "priorityClassName" field instead',
  'security.alpha.kubernetes.io/sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
  'security.alpha.kubernetes.io/unsafe-sysctls': 'non-functional in v1.11+; use the "sysctls" field instead',
};
const SECCOMP = 'non-functional in v1.27+; use the "seccompProfile" field instead';
const NONE: readonly string[] = [];

/** `path` is empty for a pod itself. Most pods use little of what is looked at here: each part is asked for only when it is there. */
export function warnOfTemplate(path: string, template: PodTemplateSpec | undefined): readonly string[] {
  const spec = template?.spec;
  if (spec === undefined) return NONE;
  const { metadata = {} } = template ?? {};
  const at = path === '' ? '' : `${path}.`;
  const parts = [
    spec.nodeSelector || spec.affinity || spec.topologySpreadConstraints ? warnOfPlacement(`${at}spec`, spec) : NONE,
    metadata.annotations ? warnOfAnnotations(at, metadata) : NONE,
    spec.volumes ? warnOfVolumes(`${at}spec.volumes`, spec.volumes) : NONE,
    spec.hostAliases ? warnOfRepeated(`${at}spec.hostAliases`, 'ip', spec.hostAliases.map((a) => a.ip)) : NONE,
    spec.imagePullSecrets ? warnOfSecrets(`${at}spec.imagePullSecrets`, spec) : NONE,
    spec.overhead ? warnOfFractions(`${at}spec.overhead`, spec.overhead) : NONE,
    metadata.annotations ? warnOfProfiles(path, spec, metadata) : NONE,
    warnOfContainers(placedContainers(`${at}spec`, spec)),
    (spec.terminationGracePeriodSeconds ?? 0) < 0 ? [`${at}spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`] : NONE,
    spec.affinity ? warnOfSelectors(`${at}spec.affinity`, spec.affinity) : NONE,
    (spec.dnsConfig?.nameservers ?? NONE).flatMap((address, i) => warnOfAddress(`${at}spec.dnsConfig.nameservers[${i}]`, address)),
    spec.hostAliases ? spec.hostAliases.flatMap(({ ip }, i) => warnOfAddress(`${at}spec.hostAliases[${i}].ip`, ip)) : NONE,
  ];
  return parts.every((part) => part.length === 0) ? NONE : parts.flat();
}

function warnOfPlacement(path: string, spec: PodSpec): readonly string[] {
  const labels = Object.keys(spec.nodeSelector ?? {}).flatMap((label) => orNone(deprecatedLabel(label), (why) => `${path}.nodeSelector[${label}]: ${why}`));
  const { requiredDuringSchedulingIgnoredDuringExecution: required, preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = spec.affinity?.nodeAffinity ?? {};
  const affinity = `${path}.affinity.nodeAffinity`;
  const terms = [
    ...(required?.nodeSelectorTerms ?? []).flatMap((term, i) => warnOfTerm(`${affinity}.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[${i}]`, term)),
    ...preferred.flatMap((term, i) => warnOfTerm(`${affinity}.preferredDuringSchedulingIgnoredDuringExecution[${i}].preference`, term.preference)),
  ];
  const spread = (spec.topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, i) => [
    ...orNone(deprecatedLabel(topologyKey), (why) => `${path}.topologySpreadConstraints[${i}].topologyKey: ${topologyKey} is ${why}`), ...nullSelector(`${path}.topologySpreadConstraints[${i}]`, labelSelector),
  ]);
  return [...labels, ...terms, ...spread];
}

const orNone = (why: string | undefined, word: (why: string) => string): readonly string[] => (why === undefined ? [] : [word(why)]);
const nullSelector = (path: string, selector: unknown): readonly string[] => (selector === undefined ? [`${path}.labelSelector: a null labelSelector results in matching no pod`] : []);

const warnOfAnnotations = (at: string, { annotations = {} }: Partial<ObjectMeta>): readonly string[] =>
  Object.entries(ANNOTATIONS).flatMap(([key, message]) => (key in annotations ? [`${at}metadata.annotations[${key}]: ${message}`] : []));

function warnOfRepeated(path: string, field: string, values: readonly (string | undefined)[]): readonly string[] {
  const first = firstIndexes(values);
  return values.flatMap((value, i) => (first.get(value) !== i ? [`${path}[${i}].${field}: duplicate ${field} ${JSON.stringify(value ?? '')}`] : []));
}

function warnOfSecrets(path: string, { imagePullSecrets = [] }: PodSpec): readonly string[] {
  const names = imagePullSecrets.map((secret) => secret.name ?? '');
  return [...warnOfRepeated(path, 'name', names), ...names.flatMap((name, i) => (name === '' ? [`${path}[${i}].name: invalid empty name ""`] : []))];
}

/** Annotations that were the form of fields once; of pods themselves those of AppArmor are turned into fields. */
function warnOfProfiles(path: string, spec: PodSpec, { annotations }: Partial<ObjectMeta>): readonly string[] {
  if (annotations === undefined) return [];
  const at = path === '' ? '' : `${path}.`;
  const has = (key: string, message: string): readonly string[] => (key in annotations ? [`${at}metadata.annotations[${key}]: ${message}`] : []);
  const pod = spec.securityContext?.seccompProfile === undefined ? has('seccomp.security.alpha.kubernetes.io/pod', SECCOMP) : [];
  const containers = placedContainers('', spec).flatMap(({ container: { name, securityContext } }) => [
    ...(securityContext?.seccompProfile === undefined ? has(`container.seccomp.security.alpha.kubernetes.io/${name}`, SECCOMP) : []),
    ...(path !== '' && spec.securityContext?.appArmorProfile === undefined && securityContext?.appArmorProfile === undefined
      ? has(`container.apparmor.security.beta.kubernetes.io/${name}`, 'deprecated since v1.30; use the "appArmorProfile" field instead') : []),
  ]);
  return [...pod, ...containers];
}

function warnOfSelectors(path: string, affinity: Affinity | undefined): readonly string[] {
  return (['podAffinity', 'podAntiAffinity'] as const).flatMap((kind) => {
    const { requiredDuringSchedulingIgnoredDuringExecution: required = [], preferredDuringSchedulingIgnoredDuringExecution: preferred = [] } = affinity?.[kind] ?? {};
    return [
      ...required.flatMap((term, i) => nullSelector(`${path}.${kind}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`, term.labelSelector)),
      ...preferred.flatMap((term, i) => nullSelector(`${path}.${kind}.preferredDuringSchedulingIgnoredDuringExecution[${i}].podAffinityTerm`, term.podAffinityTerm.labelSelector)),
    ];
  });
}
