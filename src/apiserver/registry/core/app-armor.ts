import type { AppArmorProfile, Container, Pod, PodSpec } from '#api/generated/core/v1.ts';
import { jsonEqual } from '#api/json.ts';

const PREFIX = 'container.apparmor.security.beta.kubernetes.io/';
const LOCAL = 'localhost/';
const LISTS = ['initContainers', 'containers', 'ephemeralContainers'] as const;
const MAX_PROFILE = 4095;

/** A new pod's profiles stand in their fields, also those that a client of before 1.30 puts into annotations; whoever does is told. */
export function withProfiles(pod: Pod, warn: (text: string) => void): Pod {
  const { metadata: { annotations }, spec } = pod;
  if (annotations === undefined || spec === undefined || spec.os?.name === 'windows' || !Object.keys(annotations).some((key) => key.startsWith(PREFIX))) return pod;
  const changed: Partial<Record<(typeof LISTS)[number], readonly Container[]>> = {};
  for (const list of LISTS) {
    const containers = spec[list] as readonly Container[] | undefined;
    if (containers) changed[list] = containers.map((container) => withProfile(container, { annotation: annotations[PREFIX + container.name], ofPod: spec.securityContext?.appArmorProfile, warn }));
  }
  return { ...pod, spec: { ...spec, ...changed } as PodSpec };
}

interface Given {
  readonly annotation: string | undefined;
  readonly ofPod: AppArmorProfile | undefined;
  readonly warn: (text: string) => void;
}

function withProfile(container: Container, { annotation, ofPod, warn }: Given): Container {
  if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) return container;
  const profile = profileOf(annotation);
  // What the pod says for all of its containers needs no field of their own.
  if (profile !== undefined && jsonEqual(profile, ofPod ?? null)) return container;
  warn(`metadata.annotations[${PREFIX}${container.name}]: deprecated since v1.30; use the "appArmorProfile" field instead`);
  return profile === undefined ? container : { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } };
}

/** Undefined of what could not stand in the field. */
function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const name = annotation.startsWith(LOCAL) ? annotation.slice(LOCAL.length) : '';
  return name === '' || name.trim() !== name || name.length > MAX_PROFILE ? undefined : { type: 'Localhost', localhostProfile: name };
}
