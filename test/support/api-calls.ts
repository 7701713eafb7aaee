import type { ExecutionContext } from 'ava';
import type { Status } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { ADMIN } from './control-plane.ts';
import { startInProcessApi } from './in-process-api.ts';

export interface Answer {
  readonly code: number;
  /** Of a Status; empty for objects. */
  readonly message: string;
  readonly warnings: readonly string[];
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into objects of all kinds
  readonly body: any;
}

export interface ApiCalls {
  post(path: string, body: object, query?: Readonly<Record<string, string>>): Promise<Answer>;
  put(path: string, body: object, query?: Readonly<Record<string, string>>): Promise<Answer>;
  /** A merge patch, unless it is said to be another. */
  patch(path: string, body: object, contentType?: string, query?: Readonly<Record<string, string>>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  /** With DeleteOptions when there are any. */
  remove(path: string, options?: object): Promise<Answer>;
}

/** The administrator's calls to a whole API server over a store in memory, whose default namespace has its account. */
export async function openApi(t: ExecutionContext, options?: Parameters<typeof startInProcessApi>[1]): Promise<ApiCalls> {
  const server = await startInProcessApi(t, options);
  const call = async (method: string, path: string, value?: object, query: Readonly<Record<string, string>> = {}, contentType = 'application/json'): Promise<Answer> => {
    const { status, body, warnings = [] } = await server.handle({ method: method as 'GET', path, query, contentType, ...(value ? { body: Buffer.from(JSON.stringify(value)) } : {}) }, ADMIN);
    // Admission reads the watch cache, which has seen this write once a consistent read is answered.
    if (method !== 'GET') await server.handle({ method: 'GET', path: '/api/v1/namespaces/default' }, ADMIN);
    return { code: status, message: (body as Status).message ?? '', warnings, body: body as KubeObject };
  };
  await call('POST', '/api/v1/namespaces/default/serviceaccounts', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } });
  return {
    post: (path, body, query) => call('POST', path, body, query),
    put: (path, body, query) => call('PUT', path, body, query),
    patch: (path, body, contentType = 'application/merge-patch+json', query = {}) => call('PATCH', path, body, query, contentType),
    get: (path) => call('GET', path),
    remove: (path, options) => call('DELETE', path, options),
  };
}
