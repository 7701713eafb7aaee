import type { DeleteOptions, Status } from '#api/generated/meta/v1.ts';
import type { KubeObject, ObjectList } from '#api/object.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiRequest, WatchEvent } from '#api/transport.ts';
import { answeredStatus } from './answered-status.ts';
import type { CallOptions, Client, ListCallOptions, Patch, Target, WriteOptions } from './client.ts';
import { impersonating } from './impersonating-transport.ts';
import { resourcePath } from './resource-path.ts';
import type { Transport } from './transport.ts';

const PATCH_CONTENT_TYPES: Readonly<Record<Patch['type'], string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
};
const APPLY_CONTENT_TYPE = 'application/apply-patch+yaml';

/** See {@link Client}. Calls are independent of one another; nothing is retried. */
export function createClient(transport: Transport): Client {
  const call = async <R>(request: ApiRequest): Promise<R> => {
    const { status, body } = await transport.request(request);
    if (status >= 200 && status < 300) return body as R;
    throw failure(status, body);
  };
  const write = <R>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown, options: WriteOptions & { readonly force?: boolean } = {}, contentType?: string): Promise<R> =>
    call({ method, path, body, query: writeQuery(options), ...signalOf(options), ...(contentType ? { contentType } : {}) });

  return {
    get: (resource, target, options = {}) =>
      call({ method: 'GET', path: resourcePath(resource, target), query: versionQuery(options), ...signalOf(options) }),
    list: async <T extends KubeObject>(resource: ResourceType<T>, options: ListCallOptions = {}) =>
      withItemTypes(resource, await call<ObjectList<T>>({ method: 'GET', path: resourcePath(resource, options), query: listQuery(options), ...signalOf(options) })),
    watch: (resource, options) =>
      watchEvents(transport, { method: 'GET', path: resourcePath(resource, options), query: { ...listQuery(options), watch: 'true' }, ...signalOf(options) }),
    create: (resource, object, options) => write('POST', resourcePath(resource, { namespace: object.metadata.namespace }), object, options),
    update: (resource, object, options) => write('PUT', objectPath(resource, object, options), object, options),
    patch: (resource, target, patch, options) =>
      write('PATCH', resourcePath(resource, { ...target, subresource: options?.subresource }), patch.body, options, PATCH_CONTENT_TYPES[patch.type]),
    apply: (resource, object, options) => write('PATCH', objectPath(resource, object, options), object, options, APPLY_CONTENT_TYPE),
    delete: (resource, target, options = {}) =>
      call({ method: 'DELETE', path: resourcePath(resource, target), body: deleteOptions(options), ...signalOf(options) }),
    createSubresource: (resource, target, subresource, body, options = {}) =>
      call({ method: 'POST', path: resourcePath(resource, { ...target, subresource }), body, ...signalOf(options) }),
    raw: (path, options = {}) => call({ method: 'GET', path, ...signalOf(options) }),
    as: (user) => createClient(impersonating(transport, user)),
  };
}

function objectPath(resource: ResourceType, object: { readonly metadata: Partial<Target> }, options: WriteOptions = {}): string {
  const { namespace, name } = object.metadata;
  if (!name) throw new StatusError('BadRequest', `${resource.kind}: metadata.name is required to write to an object`);
  return resourcePath(resource, { namespace, name, subresource: options.subresource });
}

/** Kubernetes leaves `apiVersion` and `kind` out of a list's items; readers of ours always find them. */
function withItemTypes<T extends KubeObject>(resource: ResourceType<T>, list: ObjectList<T>): ObjectList<T> {
  if (list.items.every((item) => item.kind !== undefined && item.kind !== '')) return list;
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  return { ...list, items: list.items.map((item) => ({ ...item, ...type })) };
}

async function* watchEvents<T extends KubeObject>(transport: Transport, request: ApiRequest): AsyncIterable<WatchEvent<T>> {
  for await (const event of transport.watch(request)) {
    if (event.type === 'ERROR') throw StatusError.fromStatus(event.object as unknown as Status);
    yield event as WatchEvent<T>;
  }
  request.signal?.throwIfAborted();
}

const failure = (code: number, body: unknown): StatusError => StatusError.fromStatus(answeredStatus(code, body));

function deleteOptions(options: Partial<DeleteOptions> & CallOptions): object {
  const { signal: _signal, resourceVersion, preconditions, ...body } = options;
  return {
    apiVersion: 'v1', kind: 'DeleteOptions', ...body,
    ...(resourceVersion || preconditions ? { preconditions: { ...preconditions, ...(resourceVersion ? { resourceVersion } : {}) } } : {}),
  };
}

const signalOf = ({ signal }: CallOptions): { readonly signal?: AbortSignal } => (signal ? { signal } : {});
const versionQuery = ({ resourceVersion }: CallOptions): Record<string, string> => (resourceVersion === undefined ? {} : { resourceVersion });

function listQuery(options: ListCallOptions): Record<string, string> {
  const { labelSelector, fieldSelector, limit, continue: token, allowWatchBookmarks, sendInitialEvents } = options;
  return {
    ...versionQuery(options),
    ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}),
    ...(limit ? { limit: String(limit) } : {}), ...(token ? { continue: token } : {}),
    ...(allowWatchBookmarks ? { allowWatchBookmarks: 'true' } : {}),
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents: String(sendInitialEvents), ...(sendInitialEvents ? { resourceVersionMatch: 'NotOlderThan' } : {}) }),
  };
}

function writeQuery({ dryRun, fieldManager, fieldValidation, force }: WriteOptions & { readonly force?: boolean }): Record<string, string> {
  return {
    ...(dryRun ? { dryRun: 'All' } : {}), ...(fieldManager ? { fieldManager } : {}),
    ...(fieldValidation ? { fieldValidation } : {}), ...(force === undefined ? {} : { force: String(force) }),
  };
}
