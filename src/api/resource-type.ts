import type { CustomResourceColumnDefinition, CustomResourceSubresourceScale, JSONSchemaProps, SelectableField } from '#api/generated/apiextensions/v1.ts';
import type { Conversion } from '#api/conversion.ts';
import type { KubeObject } from '#api/object.ts';
import type { CustomSchema } from '#api/structural/custom-schema.ts';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** What the API knows about one served resource; `T` is the type of its objects. */
export interface ResourceType<T extends KubeObject = KubeObject> {
  /** `''` for core. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly Verb[];
  /** Names below the object's path: `status`, `scale`, `log`. */
  readonly subresources: readonly string[];
  /** Warning that every request gets; absent for versions that are not deprecated. */
  readonly deprecation?: string;
  /** Type of the objects in the fact tables: `core/v1.Pod`; absent for custom resources. */
  readonly facts?: string;
  /** The kind of lists; absent when it is the kind with `List` behind it. */
  readonly listKind?: string;
  /** Present for custom resources only. */
  readonly custom?: CustomFacts;
  /** Absent when objects are always stored in the form in which they are served. */
  readonly conversion?: Conversion;
  /** Carries the type only; never present. */
  readonly __object?: T;
}

/** What a CustomResourceDefinition says of one version of its resource, beyond the names. */
export interface CustomFacts {
  readonly schema: CustomSchema;
  readonly columns: readonly CustomResourceColumnDefinition[];
  readonly selectableFields: readonly SelectableField[];
  readonly scale?: CustomResourceSubresourceScale;
  /** Warning that every request for this version gets; absent for versions that are not deprecated. */
  readonly deprecation?: string;
  /** The version in which objects are stored. */
  readonly storageVersion: string;
  /** What OpenAPI shows of the version. */
  readonly published?: JSONSchemaProps;
  /** The definition is going away: nothing new is made. */
  readonly isTerminating: boolean;
  /** Aborts when another type takes the place of this one, or none: watches end then, and clients come back. */
  readonly retired: AbortSignal;
}

/** Whether the store holds objects of the kind: then they can be watched. */
export const isStored = (r: Pick<ResourceType, 'verbs'>): boolean => r.verbs.includes('watch');
/** `pods`, `deployments.apps`: names a resource over all its versions; the store keys by it. */
export type GroupResource = string;
export const groupResource = (r: Pick<ResourceType, 'group' | 'plural'>): GroupResource => (r.group === '' ? r.plural : `${r.plural}.${r.group}`);
/** Whether both are versions of one resource; cheaper than comparing their names. */
export const isSameResource = (a: Pick<ResourceType, 'group' | 'plural'>, b: Pick<ResourceType, 'group' | 'plural'>): boolean => a.plural === b.plural && a.group === b.group;
/** `v1`, `apps/v1`: the value of `apiVersion`. */
export const apiVersionOf = (r: Pick<ResourceType, 'group' | 'version'>): string => (r.group === '' ? r.version : `${r.group}/${r.version}`);
/** The resource under which objects are kept. */
export const storedResource = (r: Pick<ResourceType, 'group' | 'plural' | 'conversion'>): GroupResource => r.conversion?.storedAs ?? groupResource(r);
