import test from 'ava';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { loadSchema } from '#api/schema.ts';
import { Scheme } from '#api/scheme.ts';
import { unpacked } from '#apiserver/http/packed.ts';
import { OpenApi } from '#apiserver/openapi/openapi.ts';

/** What Kubernetes' own client for JavaScript was generated from is the document of Kubernetes 1.36: what it calls must be what ours describes. */
const GENERATED = join(dirname(fileURLToPath(import.meta.resolve('@kubernetes/client-node'))), 'gen/apis');

interface Call {
  readonly id: string;
  readonly query: readonly string[];
}

/** By method and path, as all of this file. */
function callsOfClient(): ReadonlyMap<string, Call> {
  const sources = readdirSync(GENERATED).filter((file) => file.endsWith('Api.js') && file !== 'CustomObjectsApi.js');
  return new Map(sources.flatMap((file) => {
    const requests = readFileSync(join(GENERATED, file), 'utf8').split(/\n    async /).slice(1).filter((request) => request.includes('localVarPath = '));
    return requests.map((request): [string, Call] => {
      const [, path = ''] = /localVarPath = '([^']+)'/.exec(request) ?? [];
      const [, method = ''] = /HttpMethod\.(\w+)/.exec(request) ?? [];
      const query = [...request.matchAll(/setQueryParam\("(\w+)"/g)].map(([, name = '']) => name);
      return [`${method} ${path}`, { id: request.slice(0, request.indexOf('(')).toLowerCase(), query: query.toSorted() }];
    });
  }));
}

interface Parameter { readonly $ref?: string; readonly name: string; readonly in: string }
interface Operation { readonly operationId: string; readonly tags: readonly string[]; readonly parameters?: readonly Parameter[] }
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>> & { readonly parameters?: readonly Parameter[] }>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
}

interface Described {
  /** The client leaves group and version out where the name has them. */
  readonly ids: readonly string[];
  readonly query: readonly string[];
}

/** The client does without the old watches. */
async function callsOfDocument(): Promise<ReadonlyMap<string, Described>> {
  const openApi = new OpenApi({ schema: loadSchema(), scheme: new Scheme(BUILT_IN_RESOURCES) });
  const { paths, parameters } = JSON.parse((await unpacked(await openApi.serve('/openapi/v2', undefined, {}))).toString()) as Document;
  const resolved = (of: readonly Parameter[] = []): readonly Parameter[] => of.map((p) => (p.$ref === undefined ? p : (parameters[p.$ref.slice('#/parameters/'.length)] ?? p)));
  return new Map(Object.entries(paths).filter(([path]) => !path.includes('/watch/')).flatMap(([path, { parameters: ofAll, ...operations }]) => Object.entries(operations).map(([method, { operationId, tags, parameters: own }]): [string, Described] => {
    const query = [...resolved(ofAll), ...resolved(own)].filter((p) => p.in === 'query').map(({ name }) => name);
    const [id = '', tag = ''] = [operationId, ...tags].map((name) => name.replace('_', '').toLowerCase());
    return [`${method.toUpperCase()} ${path}`, { ids: [id, id.replace(tag, '')], query: query.toSorted() }];
  })));
}

/** Alpha and beta versions, groups that have no other, and files of the node's logs. */
const NOT_SERVED = /\/v\d+(?:alpha|beta)\d|\/(?:internal\.apiserver|storagemigration)\.k8s\.io\/|\/logs\//;

test('every operation of Kubernetes 1.36 is described, under its name and with its parameters', async (t) => {
  const ours = await callsOfDocument();
  const theirs = [...callsOfClient()].filter(([call]) => !NOT_SERVED.test(call));
  t.true(theirs.length > 600);
  for (const [call, { id, query }] of theirs) {
    t.deepEqual(ours.get(call)?.query, query, call);
    t.true(ours.get(call)?.ids.includes(id), `${call} is ${id}`);
  }
});

test('no operation is described that Kubernetes does not have, but those of our own group', async (t) => {
  const theirs = callsOfClient();
  t.deepEqual([...(await callsOfDocument()).keys()].filter((call) => !theirs.has(call) && !call.includes('/apis/headway.dev/')), []);
});
