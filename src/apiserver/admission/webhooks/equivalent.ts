import type { EncodedObject } from '#api/conversion.ts';
import type { KubeObject } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { AdmissionRequest } from '../plugin.ts';

/**
 * An object of `from` as `to` serves it, which is another version of the same resource; objects of other kinds (of subresources) stay as
 * they are. @throws StatusError InternalError when a webhook cannot convert it
 */
export async function inVersion(from: ResourceType, to: ResourceType, object: KubeObject): Promise<KubeObject> {
  const apiVersion = apiVersionOf(to);
  if (from === to || object.kind !== from.kind || object.apiVersion === apiVersion) return object;
  const stored = (await from.conversion?.store(object)) ?? object;
  if (stored.apiVersion === apiVersion) return stored;
  const [served] = (await to.conversion?.serve([encoded(stored)])) ?? [];
  return served?.object ?? { ...stored, apiVersion };
}

/** The request with its objects in another version of the resource. */
export async function requestIn(request: AdmissionRequest, wanted: ResourceType): Promise<AdmissionRequest> {
  const { resource, object, live } = request;
  return { ...request, resource: wanted, ...(object ? { object: await inVersion(resource, wanted, object) } : {}), ...(live ? { live: await inVersion(resource, wanted, live) } : {}) };
}

const encoded = (object: KubeObject): EncodedObject => ({ object, revision: 0, json: () => Buffer.from(JSON.stringify(object)) });
