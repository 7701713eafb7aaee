import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Write } from '#store/object-store.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Reinvocation } from './reinvocation.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** One write, or one connection to a subresource that streams, on its way to the store. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly resource: ResourceType;
  /** Empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped objects. */
  readonly namespace: string;
  /** As the request gives it; of one that gives none empty until the server has generated it, after all changes; empty for the objects of a collection that is deleted. */
  readonly name: string;
  /** What shall be stored, or the options of a CONNECT; absent for DELETE. A new object has its UID, its time and a generated name when all changes are made. */
  readonly object?: KubeObject;
  /** What is stored; absent for CREATE and CONNECT. */
  readonly live?: KubeObject;
  /** `CreateOptions`, `UpdateOptions`, `PatchOptions` or `DeleteOptions`, as far as the request gave them. */
  readonly options?: Readonly<Record<string, unknown>>;
  readonly context: WriteContext;
  /** For plugins that are {@link AdmissionPlugin.isReinvoked}, and for all in the second round. */
  readonly reinvocation?: Reinvocation | undefined;
}

/** What a refusal names, in Kubernetes' words: what has no name yet by the prefix of one. */
export const refusedName = ({ name = '', object }: Partial<Pick<AdmissionRequest, 'name' | 'object'>>): string =>
  name || object?.metadata?.name || object?.metadata?.generateName || 'Unknown';

/**
 * One rule of admission. Plugins hold no state of a request; `live` may be stale, in which case the request is admitted once more with the
 * present state before an answer is given. What they throw is a StatusError.
 */
export interface AdmissionPlugin {
  readonly name: string;
  /** Its changes cannot be foreseen by the plugins before it, which then see the object once more; it gets the request's {@link Reinvocation}. */
  readonly isReinvoked?: true;
  /** Asked for every write, so it must be cheap. */
  handles(request: AdmissionRequest, env: Environment): boolean;
  /** The object with what the plugin changes; it never changes its argument. Not called for DELETE. */
  mutate?(request: AdmissionRequest, env: Environment): KubeObject | Promise<KubeObject>;
  /** After all changes, defaults and the kind's validation. @throws StatusError */
  validate?(request: AdmissionRequest, env: Environment): void | Promise<void>;
  /** Writes that are committed together with the object, or not at all; for a DELETE with its removal, when its last finalizer is gone. Called last; not called for a dry run. */
  reserve?(request: AdmissionRequest, env: Environment): readonly Write[] | Promise<readonly Write[]>;
}
