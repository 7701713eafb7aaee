import type { EndpointSlice } from '#api/generated/discovery/v1.ts';
import type { Service } from '#api/generated/core/v1.ts';
import type { APIServiceCondition } from '#api/generated/apiregistration/v1.ts';
import { asError } from '#base/errors.ts';
import type { Environment } from '../environment.ts';
import type { RemoteService } from './api-service.ts';
import { askRemote } from './remote-client.ts';

export type Availability = Pick<APIServiceCondition, 'status' | 'reason' | 'message'>;

/** What a check found, and the APIResourceList that came with it. */
export interface Check {
  readonly availability: Availability;
  readonly resources?: string;
}

const TIMEOUT_MS = 5_000;
/** One of several endpoints may have just gone. */
const ATTEMPTS = 3;
const PASSED: Availability = { status: 'True', reason: 'Passed', message: 'all checks passed' };

/** Looks at the Service, at its endpoints, and then asks one of them for the resources of the group version. */
export async function checkRemote(env: Pick<Environment, 'cache' | 'pki' | 'clock'>, remote: RemoteService): Promise<Check> {
  const problem = serviceProblem(env, remote);
  if (problem) return { availability: { status: 'False', ...problem } };
  let failure = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const path = `/apis/${remote.group}/${remote.version}`;
    const url = `https://${remote.service.name}.${remote.service.namespace}.svc:${remote.service.port}${path}`;
    try {
      const { status, text } = await askRemote(env, remote, { path, isChecked: false, timeoutMs: TIMEOUT_MS });
      if (status >= 200 && status < 300) return { availability: PASSED, resources: text };
      failure = `failing or missing response from ${url}: bad status from ${url}: ${status}`;
    } catch (error) {
      failure = `failing or missing response from ${url}: Get ${JSON.stringify(url)}: ${asError(error).message}`;
    }
  }
  return { availability: { status: 'False', reason: 'FailedDiscoveryCheck', message: failure } };
}

function serviceProblem({ cache }: Pick<Environment, 'cache'>, { service }: RemoteService): { readonly reason: string; readonly message: string } | undefined {
  const { namespace, name, port } = service;
  const found = cache.get('services', namespace, name)?.object as Service | undefined;
  const place = `service/${name} in ${JSON.stringify(namespace)}`;
  if (!found) return { reason: 'ServiceNotFound', message: `${place} is not present` };
  if ((found.spec?.type ?? 'ClusterIP') !== 'ClusterIP') return undefined;
  const served = found.spec?.ports?.find((p) => p.port === port);
  if (!served) return { reason: 'ServicePortError', message: `${place} is not listening on port ${port}` };
  const slices = cache.list('endpointslices.discovery.k8s.io', { namespace }).items.map((i) => i.object as EndpointSlice & { readonly metadata: { readonly labels?: Readonly<Record<string, string>> } })
    .filter((s) => s.metadata.labels?.['kubernetes.io/service-name'] === name);
  if (slices.length === 0) return { reason: 'EndpointsNotFound', message: `cannot find endpointslices for ${place}` };
  const portName = served.name ?? '';
  const isReady = slices.some((s) => (s.endpoints ?? []).some((e) => e.conditions?.ready !== false) && (s.ports ?? []).some((p) => (p.name ?? '') === portName && p.port !== undefined));
  return isReady ? undefined : { reason: 'MissingEndpoints', message: `endpointslices for ${place} have no addresses with port name ${JSON.stringify(portName)}` };
}
