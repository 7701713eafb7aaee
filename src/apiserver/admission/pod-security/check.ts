import type { Container, PodSpec } from '#api/generated/core/v1.ts';
import type { ObjectMeta } from '#api/generated/meta/v1.ts';

export interface PodShape {
  readonly metadata: Pick<ObjectMeta, 'annotations'>;
  readonly spec: PodSpec;
}

/** Why a pod is refused: `privileged (container "c" must not set securityContext.privileged=true)`. */
export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

export interface Check {
  /** The minor version with which it begins, and the one with which another takes its place. */
  readonly since: number;
  readonly until?: number;
  /** The weaker ones that it stands for where it applies. */
  readonly overrides?: readonly Check[];
  find(pod: PodShape, minor: number): Violation | undefined;
}

/** Init, normal and ephemeral containers, in the order in which Kubernetes names them. */
export const containersOf = (spec: PodSpec): readonly Container[] => [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...((spec.ephemeralContainers ?? []) as readonly Container[])];
export const quoted = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(', ');
export const plural = (one: string, many: string, count: number): string => (count === 1 ? one : many);
export const unique = (texts: readonly string[]): readonly string[] => [...new Set(texts)].toSorted();
/** `container "a"`, `containers "a", "b"`. */
export const containerNames = (containers: readonly Pick<Container, 'name'>[]): string => `${plural('container', 'containers', containers.length)} ${quoted(containers.map(({ name }) => name))}`;
/** `pod and container "a"`: who sets what is forbidden. */
export const setters = (isPod: boolean, containers: readonly Container[]): string => [...(isPod ? ['pod'] : []), ...(containers.length > 0 ? [containerNames(containers)] : [])].join(' and ');
