import { joinKey, keyOf } from '#api/object.ts';
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from '#api/resources.ts';
import { ignoreNotFound } from '#controller/claim.ts';
import type { ControllerDefinition } from '#controller/reconciler.ts';
import { CONTROLLER_NAMES } from '../names.ts';
import { isMirrored, MANAGED_BY_LABEL, MANAGER, MAX_ADDRESSES, planMirror, SERVICE_NAME_LABEL } from './plan.ts';

/** Shows Endpoints that are kept by hand as EndpointSlices, which is all that proxies read. */
export const endpointSliceMirroringController: ControllerDefinition = {
  name: CONTROLLER_NAMES.endpointSliceMirroring,
  concurrency: 4,
  build({ informers, client, events }) {
    const services = informers.informer(SERVICES);
    const endpoints = informers.informer(ENDPOINTS);
    const slices = informers.informer(ENDPOINT_SLICES, { labelSelector: `${MANAGED_BY_LABEL}=${MANAGER}` });
    informers.addIndex(slices, 'service', ({ metadata }) => [joinKey(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? '')]);
    const look = (key: string) => ({ source: endpoints.lister.get(key), service: services.lister.get(key), present: slices.lister.byIndex('service', key).filter((slice) => slice.metadata.deletionTimestamp === undefined) });
    return {
      reconciler: {
        isDue(key) {
          const { source, service, present } = look(key);
          return present.length > 0 || isMirrored(source, service);
        },
        async reconcile(key, { signal }) {
          const { source, service, present } = look(key);
          const plan = isMirrored(source, service) ? planMirror(source, present) : { create: [], update: [], remove: present, skipped: 0 };
          if (source && plan.skipped > 0) {
            events.event(source, { type: 'Warning', reason: 'TooManyAddressesToMirror', message: `A max of ${MAX_ADDRESSES} addresses can be mirrored to EndpointSlices per Endpoints subset. ${plan.skipped} addresses were skipped` });
          }
          await Promise.all([
            ...plan.create.map((slice) => client.create(ENDPOINT_SLICES, slice, { signal })),
            ...plan.update.map((slice) => client.update(ENDPOINT_SLICES, slice, { signal })),
          ]);
          await Promise.all(plan.remove.map(({ metadata }) => client.delete(ENDPOINT_SLICES, metadata, { preconditions: { uid: metadata.uid }, signal }).catch(ignoreNotFound)));
          return {};
        },
      },
      triggers: [
        { informer: endpoints, keysOf: (object) => [keyOf(object)] },
        { informer: services, keysOf: (object) => [keyOf(object)] },
        { informer: slices, keysOf: ({ metadata }) => [joinKey(metadata.namespace, metadata.labels?.[SERVICE_NAME_LABEL] ?? '')] },
      ],
    };
  },
};
