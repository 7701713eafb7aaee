import type { Container, ContainerPort, EnvVar, PodSpec } from '#api/generated/core/v1.ts';
import { tryParseQuantity } from '#api/quantity.ts';

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
const WHOLE_RESOURCES = ['memory', 'ephemeral-storage'];

interface Placed {
  readonly path: string;
  readonly container: Container;
}

/** In Kubernetes' order of visits. */
export function placedContainers(path: string, spec: PodSpec): readonly Placed[] {
  const place = (field: 'initContainers' | 'containers' | 'ephemeralContainers') => (spec[field] ?? []).map((container, i) => ({ path: `${path}.${field}[${i}]`, container: container as Container }));
  return [...place('initContainers'), ...place('containers'), ...place('ephemeralContainers')];
}

/** Bytes come in whole numbers. */
export function warnOfFractions(path: string, amounts: Readonly<Record<string, string | number>> | undefined): readonly string[] {
  return WHOLE_RESOURCES.flatMap((name) => {
    const amount = amounts?.[name];
    const parsed = amount === undefined ? undefined : tryParseQuantity(amount);
    // Kubernetes looks at thousandths, rounded up.
    if (parsed === undefined || ((parsed.nanos + NANOS_PER_MILLI - 1n) / NANOS_PER_MILLI) * NANOS_PER_MILLI % NANOS_PER_UNIT === 0n) return [];
    return [`${path}[${name}]: fractional byte value ${JSON.stringify(String(amount))} is invalid, must be an integer`];
  });
}

export function warnOfContainers(containers: readonly Placed[]): readonly string[] {
  const own = containers.flatMap(({ path, container: { resources, env = [] } }) => [
    ...warnOfFractions(`${path}.resources.limits`, resources?.limits), ...warnOfFractions(`${path}.resources.requests`, resources?.requests), ...warnOfVariables(path, env),
  ]);
  return [...own, ...warnOfPorts(containers)];
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
