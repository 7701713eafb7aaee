import type { DeleteOptions } from '#api/generated/meta/v1.ts';
import type { KubeObject, ObjectList } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { WatchEvent } from '#api/transport.ts';

/**
 * A typed API client. Every method throws {@link StatusError} for an answer that is no success, and the signal's reason
 * when aborted. Returned objects are shared with other readers (in-process transport): never change them in place.
 */
export interface Client {
  get<T extends KubeObject>(resource: ResourceType<T>, target: Target, options?: CallOptions): Promise<T>;
  list<T extends KubeObject>(resource: ResourceType<T>, options?: ListCallOptions): Promise<ObjectList<T>>;
  /** Ends normally when the server ends the watch; an ERROR event is thrown as StatusError (reason `Expired`: list again). */
  watch<T extends KubeObject>(resource: ResourceType<T>, options: ListCallOptions): AsyncIterable<WatchEvent<T>>;
  create<T extends KubeObject>(resource: ResourceType<T>, object: New<T>, options?: WriteOptions): Promise<T>;
  /** PUT; compares `metadata.resourceVersion` when it is set. */
  update<T extends KubeObject>(resource: ResourceType<T>, object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject>(resource: ResourceType<T>, target: Target, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Server-side apply; `fieldManager` is required, `force` takes over fields that others own. */
  apply<T extends KubeObject>(resource: ResourceType<T>, object: New<T>, options: WriteOptions & { readonly fieldManager: string; readonly force?: boolean }): Promise<T>;
  /** Resolves to the object while it is still going away, or the Status of its deletion. */
  delete(resource: ResourceType, target: Target, options?: Partial<DeleteOptions> & CallOptions): Promise<KubeObject>;
  /** POST to a subresource: `binding`, `eviction`, `token`. */
  createSubresource<R>(resource: ResourceType, target: Target, subresource: string, body: unknown, options?: CallOptions): Promise<R>;
  /** GET of any path; `/version`, `/readyz`. */
  raw(path: string, options?: CallOptions): Promise<unknown>;
  /** The same way to the server, acting as another user (`system:serviceaccount:<namespace>:<name>`): calls are refused unless the client's own user may impersonate it. */
  as(user: string): Client;
}

/** An object about to be written: server-set metadata may be missing. */
export type New<T extends KubeObject> = Omit<T, 'metadata' | 'status'> & { readonly metadata: Partial<T['metadata']>; readonly status?: unknown };

export interface Target {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly resourceVersion?: string;
}

export interface ListCallOptions extends CallOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
}

export interface WriteOptions extends CallOptions {
  readonly subresource?: 'status' | 'scale' | 'finalize' | 'ephemeralcontainers' | 'resize' | 'approval';
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export type Patch =
  | { readonly type: 'merge' | 'strategic'; readonly body: object }
  | { readonly type: 'json'; readonly body: readonly object[] };
