import type { KubeObject } from '#api/object.ts';

/**
 * The seam between API clients and the API server. The server implements {@link ApiHandler}; clients reach it over
 * HTTPS or, in one process, directly: authentication has then been done by whoever wired them (`user`), while
 * authorization, admission and everything behind stay the same.
 */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path without query, each segment percent-decoded by the receiver: `/api/v1/namespaces/default/pods`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A decoded value, never changed by the receiver; patches carry `contentType`. */
  readonly body?: unknown;
  /** Default `application/json`; the patch types for PATCH. */
  readonly contentType?: string;
  /** Shows in managedFields when `fieldManager` is not given. */
  readonly userAgent?: string;
  /** The user as whom the call acts, if the caller may impersonate it; a service account brings its groups along. */
  readonly impersonate?: string;
  readonly signal?: AbortSignal;
}

export interface ApiResponse {
  readonly status: number;
  /** The object, list or Status; shared with other readers: never change it. */
  readonly body: unknown;
  readonly warnings?: readonly string[];
}

export interface WatchEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  /** With `ERROR` a Status, with `BOOKMARK` an object that has only kind and metadata. */
  readonly object: T;
}

export interface ApiHandler {
  /** Failures are answers too: a `Status` with its code. Rejects only when `request.signal` aborts. */
  handle(request: ApiRequest, user: UserInfo): Promise<ApiResponse>;
  /** A GET with `watch=true`. Ends when the server ends the watch, the signal aborts or after an ERROR event. */
  watch(request: ApiRequest, user: UserInfo): AsyncIterable<WatchEvent>;
}
