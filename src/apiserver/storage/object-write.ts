import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Expectation, Write } from '#store/object-store.ts';
import { keyFor, ofBoundedSize } from './object-reader.ts';

/** The write of an object that is in its stored form. @throws StatusError RequestEntityTooLarge */
export function storedWrite(resource: ResourceType, type: Write['type'], object: KubeObject, expect: Expectation): Write {
  const { resourceVersion, ...metadata } = object.metadata;
  // `resourceVersion` is the store's own revision and never part of what is stored.
  const text = JSON.stringify(resourceVersion === undefined ? object : { ...object, metadata });
  const { name, namespace = '' } = metadata;
  return { type, key: keyFor(resource, namespace, name), value: type === 'put' ? ofBoundedSize(text) : text, expect } as Write;
}

/** The same of an object in the version of the resource. @throws also StatusError InternalError when a webhook cannot convert it */
export async function servedWrite(resource: ResourceType, type: Write['type'], object: KubeObject, expect: Expectation): Promise<Write> {
  return storedWrite(resource, type, resource.conversion === undefined ? object : await resource.conversion.store(object), expect);
}
