import type { KubeObject } from '#api/object.ts';
import type { GroupResource } from '#api/resource-type.ts';

/** An object with its JSON text, which is made when asked for and shared. */
export interface EncodedObject {
  readonly object: KubeObject;
  readonly revision: number;
  json(): Buffer;
}

/**
 * How objects of one version of a resource are read and written when what is stored may have another form. Results are in order, and
 * what needs no change is given back as it is. A promise only where a webhook must be asked; its failure is a StatusError InternalError.
 */
export interface Conversion {
  /** The resource under which the objects are kept; two API groups may share one. */
  readonly storedAs: GroupResource;
  /** Stored objects in the served version. Each stored object is converted once. */
  serve(stored: readonly EncodedObject[]): readonly EncodedObject[] | Promise<readonly EncodedObject[]>;
  /** A served object in the form in which it is stored. */
  store(served: KubeObject): KubeObject | Promise<KubeObject>;
  /** Objects in any version of the resource; present only where versions may differ in more than fields that the server knows. */
  convert?(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]>;
  /** Whether a write that changes nothing would still change what is stored, because that is in an older form. */
  isOutdated(stored: KubeObject): boolean;
}
