import type { StatusCause } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { Environment } from '../environment.ts';
import type { WriteContext } from '../call.ts';

/** An object whose fields beyond metadata are not known here. */
export interface AnyObject extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>> | undefined;
  readonly status?: Readonly<Record<string, unknown>> | undefined;
}

/** What one kind does differently from the rest. Every method returns a new object and never changes its arguments. */
export interface Strategy {
  /** After defaults and what admission changes, before validation. The generic part has dropped `status` already when the kind has that subresource. */
  prepareCreate?(object: KubeObject, env: Environment, context: WriteContext): KubeObject | Promise<KubeObject>;
  /** What the type itself adds to what was sent: the client owns it with its own fields. Of all else of `prepareCreate` nobody is the owner. */
  asOwnedOnCreate?(object: KubeObject): KubeObject;
  /** On writes of the object itself; `live.status` is in place already. */
  prepareUpdate?(object: KubeObject, live: KubeObject, env: Environment, context: WriteContext): KubeObject | Promise<KubeObject>;
  /** What a write of a subresource other than `status` and `approval` may change, in the stored object: admission sees no more, and the writer owns no more. */
  takeParts?(subresource: string, object: KubeObject, live: KubeObject): KubeObject;
  /** On writes of `status` and `approval`; what is outside of the status is the stored object's already. */
  prepareSubresource?(subresource: string, object: KubeObject, live: KubeObject, env: Environment): KubeObject;
  /** What else forbids the object, beyond the rules of its kind that need nothing but the object; `live` is absent on creation. */
  validate?(object: KubeObject, live: KubeObject | undefined, env: Environment, subresource: string): readonly StatusCause[] | Promise<readonly StatusCause[]>;
  /** What whoever writes the object itself is told once it is found valid; `live` is absent on creation. */
  warnings?(object: KubeObject, live: KubeObject | undefined): readonly string[];
  /** Seconds until a deleted object goes away by itself; 0 at once. Kinds without it are never deleted gracefully. */
  gracePeriodSeconds?(object: KubeObject, requested: number | undefined): number;
  /** Finalizers outside of metadata (namespaces have theirs in spec). While there are any, a deletion knows no time of grace and is changed by no other. */
  hasFinalizers?(object: KubeObject): boolean;
  /** Called when deletion begins and the object stays for now. */
  markTerminating?(object: KubeObject, nowMs: number): KubeObject;
  /** A deletion writes its time alone: no grace, and it counts as no change. */
  readonly marksTimeOnly?: boolean;
  /** `metadata.generation` counts changes of the spec. */
  readonly hasGeneration?: boolean;
  /** All of the object but metadata and a status of its own is counted, not only the spec. */
  readonly countsAll?: boolean;
  /** Changes of labels count too. */
  readonly labelsBumpGeneration?: boolean;
  /** Changes of annotations count too. */
  readonly annotationsBumpGeneration?: boolean;
  /** The status that is given at creation is kept. */
  readonly keepsStatusOnCreate?: boolean;
  /** A deletion that says nothing of dependents lets them live on, as it did before there were policies. */
  readonly orphansDependents?: boolean;
  /** What whoever deletes is told of that. */
  readonly orphanWarning?: string;
  /** No deletion waits for dependents or lets them live on, whatever it says. */
  readonly ownsNothing?: boolean;
  /** DELETE answers with the object rather than with a Status. */
  readonly returnsDeleted?: boolean;
  /** PUT of an absent object makes it. */
  readonly allowsCreateOnUpdate?: boolean;
  /** PUT without resourceVersion is taken as it is; kinds that say no get 422, as in Kubernetes. */
  readonly requiresResourceVersion?: boolean;
}
