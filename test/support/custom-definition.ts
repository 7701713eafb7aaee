import type { ApiRequest, ApiResponse } from '#api/transport.ts';
import { ADMIN } from './control-plane.ts';
import { waitFor } from './wait.ts';

interface Server {
  handle(request: ApiRequest, user: typeof ADMIN): Promise<ApiResponse>;
}

export interface DefinitionOptions {
  readonly group: string;
  /** Default `widgets`. */
  readonly plural?: string;
  readonly kind?: string;
  readonly shortNames?: readonly string[];
  readonly versions?: readonly object[];
  readonly conversion?: object;
}

const OPEN = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
export const version = (name: string, more: object = {}): object => ({ name, served: true, storage: false, schema: OPEN, ...more });
export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export const definition = ({ group, plural = 'widgets', kind = 'Widget', shortNames = [], versions = [version('v1', { storage: true })], conversion }: DefinitionOptions) => ({
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: `${plural}.${group}` },
  spec: { group, scope: 'Namespaced', names: { plural, kind, shortNames }, versions, ...(conversion ? { conversion } : {}) },
});

const CUSTOM = /^\/apis\/([^/]+\.example\.com\/[^/]+)\//;

/** Custom resources must say what they are: a `Widget` of the path, unless the object says it. */
function typed(method: ApiRequest['method'], path: string, body: unknown): unknown {
  const [, apiVersion] = CUSTOM.exec(path) ?? [];
  return apiVersion === undefined || (method !== 'POST' && method !== 'PUT') ? body : { apiVersion, kind: 'Widget', ...(body as object) };
}

export const send = (server: Server, method: ApiRequest['method'], path: string, body?: unknown, query?: Readonly<Record<string, string>>): Promise<ApiResponse> =>
  server.handle({ method, path, ...(body === undefined ? {} : { body: typed(method, path, body) }), ...(query ? { query } : {}), ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}) }, ADMIN);

export interface Conditioned {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string; readonly message: string }[]; readonly acceptedNames?: object; readonly storedVersions?: readonly string[] };
}

export async function readDefinition(server: Server, name: string): Promise<Conditioned> {
  return (await send(server, 'GET', `${DEFINITIONS}/${name}`)).body as Conditioned;
}

/** Makes a definition and waits until it is in force. */
export async function establish(server: Server, options: DefinitionOptions): Promise<void> {
  const made = definition(options);
  const { status, body } = await send(server, 'POST', DEFINITIONS, made);
  if (status !== 201) throw new Error(`the definition was refused: ${JSON.stringify(body)}`);
  await waitFor(async () => (await readDefinition(server, made.metadata.name)).status?.conditions?.some((c) => c.type === 'Established' && c.status === 'True'), { what: `${made.metadata.name} in force`, intervalMs: 2 });
}
