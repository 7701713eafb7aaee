import { SERVICES } from '#api/resources.ts';
import { internalError, invalid } from '#api/status-error.ts';
import type { Environment } from '../../../environment.ts';
import type { Strategy } from '../../strategy.ts';
import { addressAllocation, type AnyService, serviceKey } from './allocations.ts';
import { carryOver, needsAddress, withoutStrayPolicy } from './dependent-fields.ts';
import { withFamilies } from './families.ts';
import { withPorts } from './port-allocation.ts';

/** Gives addresses and node ports, and keeps them over updates that do not name them. */
export const SERVICE: Strategy = {
  prepareCreate: (object, env) => allocated(object as AnyService, env),
  prepareUpdate: (object, live, env) => allocated(carryOver(object as AnyService, live as AnyService), env, live as AnyService),
  returnsDeleted: true,
  allowsCreateOnUpdate: true,
};

async function allocated(service: AnyService, env: Environment, live?: AnyService): Promise<AnyService> {
  const known = withoutStrayPolicy(service);
  return withPorts(needsAddress(known) ? await withAddress(withFamilies(inBothFields(known), live), env, live) : known, env, live);
}

/** Clients of before there were lists know one field only. */
function inBothFields(service: AnyService): AnyService {
  const { clusterIP, clusterIPs = [] } = service.spec;
  return clusterIP && clusterIPs.length === 0 ? { ...service, spec: { ...service.spec, clusterIPs: [clusterIP] } } : service;
}

/** An address is given once: that it stays is for validation to say. */
async function withAddress(service: AnyService, env: Environment, live: AnyService | undefined): Promise<AnyService> {
  const [asked] = service.spec.clusterIPs ?? [];
  if (asked === 'None' || (live !== undefined && needsAddress(live))) return service;
  if (asked) await checkAddress(service, asked, env);
  const clusterIP = asked || allocate(service, env);
  return { ...service, spec: { ...service.spec, clusterIP, clusterIPs: [clusterIP] } };
}

function allocate(service: AnyService, env: Environment): string {
  const address = env.services.allocateAddress(service.metadata.namespace ?? '', service.metadata.name);
  if (address === undefined) throw internalError('failed to allocate a serviceIP: range is full');
  return address;
}

async function checkAddress(service: AnyService, address: string, env: Environment): Promise<void> {
  const refuse = (why: string) => invalid(SERVICES, service.metadata.name, [{ reason: 'FieldValueInvalid', field: 'spec.clusterIPs', message: `Invalid value: ${JSON.stringify(service.spec.clusterIPs)}: failed to allocate IP ${address}: ${why}` }]);
  if (!env.services.contains(address)) throw refuse('the provided network does not match the current range');
  if (!(await env.services.claim(addressAllocation(address), serviceKey(service)))) throw refuse('provided IP is already allocated');
}
