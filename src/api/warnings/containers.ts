import type { Container, ContainerPort, EnvVar, PodSpec } from '#api/generated/core/v1.ts';
import { tryParseQuantity } from '#api/quantity.ts';

const NANOS_PER_UNIT = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
const WHOLE_RESOURCES = ['memory', 'ephemeral-storage'];

interface Placed {
  readonly path: string;
  readonly container: Container;
}

const NONE: readonly string[] = [];
/** Amounts that are whole by their look. */
const WHOLE = /^\d+(?:[kMGTPE]i?)?$/;

/** In Kubernetes' order of visits. */
export function placedContainers(path: string, spec: PodSpec): readonly Placed[] {
  const placed: Placed[] = [];
  for (const field of ['initContainers', 'containers', 'ephemeralContainers'] as const) {
    spec[field]?.forEach((container, i) => void placed.push({ path: `${path}.${field}[${i}]`, container: container as Container }));
  }
  return placed;
}

/** Bytes come in whole numbers. */
export function warnOfFractions(path: string, amounts: Readonly<Record<string, string | number>> | undefined): readonly string[] {
  if (amounts === undefined) return NONE;
  const fractions = WHOLE_RESOURCES.filter((name) => amounts[name] !== undefined && isFraction(String(amounts[name])));
  return fractions.map((name) => `${path}[${name}]: fractional byte value ${JSON.stringify(String(amounts[name]))} is invalid, must be an integer`);
}

/** Kubernetes looks at thousandths, rounded up. */
function isFraction(amount: string): boolean {
  const parsed = WHOLE.test(amount) ? undefined : tryParseQuantity(amount);
  return parsed !== undefined && (((parsed.nanos + NANOS_PER_MILLI - 1n) / NANOS_PER_MILLI) * NANOS_PER_MILLI) % NANOS_PER_UNIT !== 0n;
}

export function warnOfContainers(containers: readonly Placed[]): readonly string[] {
  const found: string[] = [];
  for (const { path, container: { resources, env } } of containers) {
    if (resources) found.push(...warnOfFractions(`${path}.resources.limits`, resources.limits), ...warnOfFractions(`${path}.resources.requests`, resources.requests));
    if (env && env.length > 1) found.push(...warnOfVariables(path, env));
  }
  const hasPorts = containers.some(({ container: { ports } }) => (ports ?? NONE).length > 0);
  return hasPorts ? [...found, ...warnOfPorts(containers)] : found;
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
