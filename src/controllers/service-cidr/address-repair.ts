import type { Service } from '#api/generated/core/v1.ts';
import type { IPAddress } from '#api/generated/networking/v1.ts';
import { ipFamilyOf } from '#api/ip.ts';
import { IP_ADDRESSES, SERVICES } from '#api/resources.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';

/** A Service and its addresses are written at once, and their informers tell of them one after the other. */
const DELAY_MS = 1_000;

/** The API server writes addresses together with their Services; this finds what a hand, or an older version, left in disorder. */
export const addressRepairController: ControllerDefinition = {
  name: CONTROLLER_NAMES.addressRepair,
  concurrency: 1,
  build({ informers, client }) {
    const services = informers.informer(SERVICES);
    const addresses = informers.informer(IP_ADDRESSES);
    informers.addIndex(services, 'clusterIP', addressesOf);
    const look = (ip: string) => ({ holder: services.lister.byIndex('clusterIP', ip)[0], address: addresses.lister.get(ip) });
    return {
      reconciler: {
        isDue(ip) {
          const { holder, address } = look(ip);
          return holder ? !address : address !== undefined && isOfService(address);
        },
        async reconcile(ip, { signal }) {
          const { holder, address } = look(ip);
          if (holder && !address) await client.create(IP_ADDRESSES, addressFor(ip, holder), { signal }).catch(ignoreExisting);
          if (address && !holder && isOfService(address) && !(await isHeld(client, address, signal))) {
            await client.delete(IP_ADDRESSES, address.metadata, { preconditions: { uid: address.metadata.uid }, signal }).catch(ignoreNotFound);
          }
          return {};
        },
      },
      triggers: [{ informer: services, keysOf: addressesOf, delayMs: DELAY_MS }, { informer: addresses, keysOf: ({ metadata }) => [metadata.name], delayMs: DELAY_MS }],
    };
  },
};

const addressesOf = ({ spec }: Service): readonly string[] => (spec?.clusterIPs ?? (spec?.clusterIP ? [spec.clusterIP] : [])).filter((ip) => ip !== 'None' && ip !== '');
const isOfService = ({ spec }: IPAddress): boolean => !spec.parentRef.group && spec.parentRef.resource === 'services';

/** Asked of the server itself: the informers of Services and addresses are not in step. */
async function isHeld(client: Client, { metadata, spec: { parentRef } }: IPAddress, signal: AbortSignal): Promise<boolean> {
  const service = await client.get(SERVICES, { namespace: parentRef.namespace, name: parentRef.name }, { signal }).catch(ignoreNotFound);
  return service !== undefined && addressesOf(service).includes(metadata.name);
}

function addressFor(ip: string, { metadata: { namespace, name } }: Service) {
  const labels = { 'ipaddress.kubernetes.io/ip-family': ipFamilyOf(ip) ?? '', 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };
  return { apiVersion: 'networking.k8s.io/v1', kind: 'IPAddress', metadata: { name: ip, labels }, spec: { parentRef: { resource: 'services', namespace, name } } };
}

function ignoreExisting(error: unknown): void {
  if (!isStatus(error, 'AlreadyExists')) throw error;
}
