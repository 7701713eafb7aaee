import type { Logger } from '#base/logger.ts';
import { CommandFailed, run } from '../system/run.ts';
import type { ServicePort } from './service-port.ts';

/**
 * UDP has no end of a connection: the kernel would go on sending a client's packets to the endpoint that it once chose.
 * Returns the arguments of `conntrack -D`, one list a call, for the flows that the step from `before` to `after` makes wrong.
 */
export function staleUdpFlows(before: readonly ServicePort[], after: readonly ServicePort[]): readonly (readonly string[])[] {
  const now = new Map(after.map((port) => [port.name, new Set(port.endpoints.map(({ ip }) => ip))]));
  const removed = before.filter(({ protocol }) => protocol === 'udp').flatMap((port) =>
    port.endpoints.filter(({ ip }) => !now.get(port.name)?.has(ip)).flatMap(({ ip }) => destinations(port).map((to) => [...to, '--dst-nat', ip])));
  // While nobody served, flows were noted without a translation; they would never reach the endpoints that came.
  const had = new Set(before.filter(({ endpoints }) => endpoints.length > 0).map(({ name }) => name));
  const revived = after.filter(({ protocol, name, endpoints }) => protocol === 'udp' && endpoints.length > 0 && !had.has(name)).flatMap(destinations);
  return [...removed, ...revived];
}

function destinations(port: ServicePort): readonly (readonly string[])[] {
  const ips = [port.clusterIP, ...port.externalIPs, ...port.loadBalancerIPs].filter((ip) => ip !== undefined);
  const nodePort = port.nodePort === undefined ? [] : [['--orig-port-dst', String(port.nodePort)]];
  return [...ips.map((ip) => ['--orig-dst', ip, '--orig-port-dst', String(port.port)]), ...nodePort];
}

/** Deletes the flows. Failure is logged, not thrown: the rules are right, and old flows end by their timeout (30 to 120 s). */
export async function deleteUdpFlows(flows: readonly (readonly string[])[], log: Logger): Promise<void> {
  for (const flow of flows) {
    await run('conntrack', ['-D', '-p', 'udp', ...flow]).catch((error: unknown) => {
      const hadNone = error instanceof CommandFailed && /0 flow entries have been deleted/.test(error.data.stderr);
      if (!hadNone) log.warn('Old UDP flows were not deleted', { flow: flow.join(' '), error });
    });
  }
}
