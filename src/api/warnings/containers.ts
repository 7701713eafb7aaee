import { warnOfFractions } from './fractions.ts';
import type { Container, ContainerPort, EnvVar, PodSpec } from '#api/generated/core/v1.ts';

interface Placed {
  readonly path: string;
  readonly container: Container;
}

const NONE: readonly string[] = [];

/** In Kubernetes' order of visits. */
export function placedContainers(path: string, spec: PodSpec): readonly Placed[] {
  const placed: Placed[] = [];
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[field]?.forEach((container, i) => void placed.push({ path: `${path}.${field}[${i}]`, container: container as Container }));
  }
  return placed;
}

export function warnOfContainers(containers: readonly Placed[]): readonly string[] {
  const found: string[] = [];
  for (const { path, container: { resources, env } } of containers) {
    if (resources) found.push(...warnOfFractions(`${path}.resources.limits`, resources.limits), ...warnOfFractions(`${path}.resources.requests`, resources.requests));
    if (env && env.length > 1) found.push(...warnOfVariables(path, env));
  }
  const hasPorts = containers.some(({ container: { ports } }) => (ports ?? NONE).length > 0);
  return hasPorts ? [...found, ...warnOfPorts(containers), ...warnOfPortNames(containers)] : found;
}

/** A variable that stands twice hides the first, unless it is built from it. */
function warnOfVariables(path: string, env: readonly EnvVar[]): readonly string[] {
  const seen = new Set<string>();
  return env.flatMap(({ name, value = '', valueFrom }, i) => {
    const isAgain = seen.has(name);
    seen.add(name);
    const reference = `$(${name})`;
    const isBuilt = valueFrom === undefined && value !== reference && value.includes(reference);
    return isAgain && !isBuilt ? [`${path}.env[${i}]: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`] : [];
  });
}

interface PlacedPort {
  readonly path: string;
  readonly port: ContainerPort;
}

function warnOfPorts(containers: readonly Placed[]): readonly string[] {
  const seen = new Map<string, PlacedPort[]>();
  return containers.flatMap(({ path, container }) => (container.ports ?? []).flatMap((port, i) => {
    const placed = { path: `${path}.ports[${i}]`, port };
    const key = `${port.containerPort}/${port.protocol ?? 'TCP'}`;
    const others = seen.get(key) ?? [];
    const warnings = [...warnOfAddress(placed), ...others.flatMap((other) => warnOfTwins(placed, other))];
    seen.set(key, [...others, placed]);
    return warnings;
  }));
}

function warnOfAddress({ path, port }: PlacedPort): readonly string[] {
  const { name = '', hostPort = 0, containerPort, protocol = 'TCP', hostIP = '' } = port;
  return hostIP !== '' && hostPort === 0 ? [`${path}: hostIP set without hostPort: {Name:${name} HostPort:0 ContainerPort:${containerPort} Protocol:${protocol} HostIP:${hostIP}}`] : [];
}

function warnOfTwins({ path, port }: PlacedPort, other: PlacedPort): readonly string[] {
  const [a, b] = [port, other.port].map(({ hostIP = '', hostPort = 0 }) => ({ hostIP, hostPort })) as [{ hostIP: string; hostPort: number }, { hostIP: string; hostPort: number }];
  if (a.hostIP === b.hostIP && a.hostPort === b.hostPort) return [`${path}: duplicate port definition with ${other.path}`];
  if (a.hostPort === 0 || b.hostPort === 0) return [`${path}: overlapping port definition with ${other.path}`];
  return a.hostPort === b.hostPort && (a.hostIP === '') !== (b.hostIP === '') ? [`${path}: dangerously ambiguous port definition with ${other.path}`] : [];
}

/** Who asks for a port by its name gets the first. */
function warnOfPortNames(containers: readonly Placed[]): readonly string[] {
  const first = new Map<string, string>();
  return containers.flatMap(({ path, container }) => (container.ports ?? []).flatMap(({ name }, i) => {
    const other = name ? first.get(name) : undefined;
    if (name && other === undefined) first.set(name, `${path}.ports[${i}]`);
    return other === undefined ? [] : [`${path}.ports[${i}]: duplicate port name ${JSON.stringify(name)} with ${other}, services and probes that select ports by name will use ${other}`];
  }));
}
