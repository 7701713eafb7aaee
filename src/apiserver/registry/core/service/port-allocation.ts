import type { ServicePort } from '#api/generated/core/v1.ts';
import { SERVICES } from '#api/resources.ts';
import { internalError, invalid, plainError } from '#api/status-error.ts';
import type { Environment } from '../../../environment.ts';
import { type AnyService, mayHaveNodePorts, portAllocation, portNumbers, serviceKey } from './allocations.ts';
import { needsHealthCheckPort, needsNodePorts } from './dependent-fields.ts';

/** The Service with the node ports that it has to have; what it asks for, it is given or refused. `live` is absent on creation. @throws StatusError Invalid, InternalError */
export async function withPorts(service: AnyService, env: Environment, live?: AnyService): Promise<AnyService> {
  const numbers = new Numbers(service, env, live);
  const isFixed = !mayHaveNodePorts(service);
  const withNodePorts = isFixed ? service : { ...service, spec: { ...service.spec, ports: await (live === undefined ? firstPorts(service, numbers) : changedPorts(service, live, numbers)) } };
  if (!needsHealthCheckPort(service) || (live !== undefined && needsHealthCheckPort(live))) return withNodePorts;
  const asked = service.spec.healthCheckNodePort;
  const problem = asked ? await numbers.take(asked) : undefined;
  if (problem !== undefined) throw internalError(`failed to allocate requested HealthCheck NodePort ${asked}: ${problem}`);
  return { ...withNodePorts, spec: { ...withNodePorts.spec, healthCheckNodePort: asked || numbers.next('health-check') } };
}

/** One number serves several protocols of one port, wherever in the list it is asked for. */
async function firstPorts(service: AnyService, numbers: Numbers): Promise<readonly ServicePort[]> {
  const all = service.spec.ports ?? [];
  const wanted = new Map<number, number>();
  for (const { port, nodePort } of all) if (nodePort && !wanted.has(port)) wanted.set(port, nodePort);
  const given = new Map<number, number>();
  const ports: ServicePort[] = [];
  for (const [i, port] of all.entries()) {
    const before = given.get(port.port);
    const asked = before === undefined ? wanted.get(port.port) : port.nodePort;
    if (asked && asked !== before) await takeFor(service, i, asked, numbers);
    const isFree = !port.nodePort && !needsNodePorts(service);
    const nodePort = isFree ? undefined : asked || before || numbers.next(labelOf(port));
    if (nodePort && before === undefined) given.set(port.port, nodePort);
    ports.push(nodePort ? { ...port, nodePort } : port);
  }
  return ports;
}

/** What a Service has already it keeps, also when the range is another one by now. */
async function changedPorts(service: AnyService, live: AnyService, numbers: Numbers): Promise<readonly ServicePort[]> {
  const held = new Set((live.spec.ports ?? []).map(({ nodePort }) => nodePort));
  const seen = new Set<string>();
  const ports: ServicePort[] = [];
  for (const [i, port] of (service.spec.ports ?? []).entries()) {
    const asked = port.nodePort;
    if (!asked && !needsNodePorts(service)) {
      ports.push(port);
      continue;
    }
    if (asked && !held.has(asked)) await takeFor(service, i, asked, numbers);
    if (asked) held.add(asked);
    const nodePort = asked || numbers.next(labelOf(port));
    const pair = `{${port.protocol} ${nodePort}}`;
    if (seen.has(pair)) throw plainError(`duplicate nodePort: ${pair}`);
    seen.add(pair);
    ports.push({ ...port, nodePort });
  }
  return ports;
}

const labelOf = (port: ServicePort): string => port.name || String(port.port);

async function takeFor(service: AnyService, i: number, port: number, numbers: Numbers): Promise<void> {
  const problem = await numbers.take(port);
  if (problem !== undefined) throw invalid(SERVICES, service.metadata.name, [{ reason: 'FieldValueInvalid', field: `spec.ports[${i}].nodePort`, message: `Invalid value: ${port}: ${problem}` }]);
}

/** The numbers of one write: each is given once, and none that the Service has until then. */
class Numbers {
  readonly #service: AnyService;
  readonly #env: Environment;
  readonly #used: Set<number>;

  constructor(service: AnyService, env: Environment, live: AnyService | undefined) {
    this.#service = service;
    this.#env = env;
    this.#used = new Set(live === undefined ? [] : portNumbers(live));
  }

  /** Why the number cannot be had; undefined when it is the Service's now. */
  async take(port: number): Promise<string | undefined> {
    const { first, last } = this.#env.services.nodePorts;
    if (port < first || port > last) return `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
    if (this.#used.has(port) || !(await this.#env.services.claim(portAllocation(port), serviceKey(this.#service)))) return 'provided port is already allocated';
    this.#used.add(port);
    return undefined;
  }

  next(label: string): number {
    const { namespace = '', name } = this.#service.metadata;
    const port = this.#env.services.allocateNodePort({ namespace, name, label, used: this.#used });
    if (port === undefined) throw internalError('failed to allocate a nodePort: range is full');
    this.#used.add(port);
    return port;
  }
}
