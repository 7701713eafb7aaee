import test from 'ava';
import { apiRequest } from '#test/support/api-request.ts';
import { type ControlPlane, startControlPlane } from '#test/support/control-plane.ts';
import { definition, DEFINITIONS, send, version } from '#test/support/custom-definition.ts';
import { waitFor } from '#test/support/wait.ts';

let plane: ControlPlane;
test.before(async () => {
  plane = await startControlPlane();
  const subresources = { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } };
  await send(plane.server, 'POST', DEFINITIONS, definition({ group: 'all.example.com', versions: [version('v1', { storage: true, subresources })] }));
  await waitFor(async () => (await send(plane.server, 'GET', '/apis/all.example.com/v1/widgets')).status === 200, { what: 'widgets to be served' });
});
test.after.always(() => plane?.stop());

const get = async <T>(path: string): Promise<T> => JSON.parse((await apiRequest(plane, path)).body.toString()) as T;

interface Resource { readonly name: string; readonly namespaced: boolean; readonly verbs: readonly string[] }
interface Documents { readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string }>> }
interface Document { readonly paths: Readonly<Record<string, object>> }

const METHODS: Readonly<Record<string, string>> = { get: 'get', list: 'get', create: 'post', update: 'put', patch: 'patch', delete: 'delete', deletecollection: 'delete' };
const OF_COLLECTION: ReadonlySet<string> = new Set(['list', 'create', 'deletecollection']);

/** What discovery says of a group version, as methods and paths. */
async function discovered(root: string): Promise<readonly string[]> {
  const { resources } = await get<{ readonly resources: readonly Resource[] }>(root);
  const isCustom = root.includes('example.com');
  return [...(isCustom ? [] : [`get ${root}/`]), ...resources.flatMap((resource) => operationsOf(root, resource, isCustom))];
}

function operationsOf(root: string, { name, namespaced, verbs }: Resource, isCustom: boolean): readonly string[] {
  const [plural = '', subresource] = name.split('/');
  const collection = namespaced ? `namespaces/{namespace}/${plural}` : plural;
  const item = `${collection}/{name}${subresource === undefined ? '' : `/${subresource}`}`;
  const everywhere = namespaced ? [plural] : [];
  const paths = (verb: string): readonly string[] => (verb === 'list' ? [...everywhere, collection] : OF_COLLECTION.has(verb) && subresource === undefined ? [collection] : [item]);
  const watched = verbs.includes('watch') && !isCustom ? [...everywhere, collection, item].map((path) => `get ${root}/watch/${path}`) : [];
  return [...verbs.filter((verb) => verb !== 'watch').flatMap((verb) => paths(verb).map((path) => `${METHODS[verb]} ${root}/${path}`)), ...watched];
}

/** Discovery has no verb for some methods of proxies, and does not tell of what lies behind them. */
const isBeyondDiscovery = (operation: string): boolean => operation.endsWith('/proxy/{path}') || /^(?:head|options) .*\/proxy$/.test(operation);
const operationsIn = ({ paths }: Document): readonly string[] => Object.entries(paths).flatMap(([path, item]) => Object.keys(item).filter((key) => key !== 'parameters').map((method) => `${method} ${path}`));

// One after the other: the last changes what the others read.
test.serial('every path and verb of discovery is an operation, and every operation of a group version is in discovery', async (t) => {
  const { paths } = await get<Documents>('/openapi/v3');
  const roots = Object.keys(paths).filter((path) => /^(?:api|apis\/[^/]+)\/v\d+$/.test(path));
  t.true(roots.includes('apis/all.example.com/v1') && roots.length > 20);
  for (const root of roots) {
    const document = await get<Document>(paths[root]?.serverRelativeURL ?? '');
    t.deepEqual(operationsIn(document).filter((o) => !isBeyondDiscovery(o)).toSorted(), (await discovered(`/${root}`)).toSorted(), root);
  }
});

test.serial('the document of all kinds has the operations of all others', async (t) => {
  const { paths } = await get<Documents>('/openapi/v3');
  const others: string[] = [];
  for (const { serverRelativeURL } of Object.values(paths)) others.push(...operationsIn(await get<Document>(serverRelativeURL)));
  t.deepEqual(operationsIn(await get<Document>('/openapi/v2')).toSorted(), others.toSorted());
});

/** The answers of a server that does not know a path or a method. */
const UNKNOWN = /the server could not find the requested resource|404 page not found|the server does not allow this method/;

test.serial('every operation that is described is served', async (t) => {
  t.timeout(120_000);
  t.regex((await apiRequest(plane, '/api/v1/namespaces/nothing/things/nothing')).body.toString(), UNKNOWN);
  const queue = operationsIn(await get<Document>('/openapi/v2')).map((operation) => operation.split(' ') as [method: string, path: string]);
  const unserved: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const [method, path] = next;
      const asked = path.replaceAll(/\{\w+\}/g, 'nothing');
      const { status, body } = await apiRequest(plane, `${asked}?dryRun=All&timeoutSeconds=1`, {
        method: method.toUpperCase(), ...(method === 'get' || method === 'head' ? {} : { body: '{}' }), headers: { 'content-type': method === 'patch' ? 'application/merge-patch+json' : 'application/json' },
      });
      if (status === 405 || UNKNOWN.test(body.toString())) unserved.push(`${method} ${path}: ${status} ${body.toString().slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: 40 }, worker));
  t.deepEqual(unserved, []);
});

const accept = (media: string): { readonly headers: Readonly<Record<string, string>> } => ({ headers: { accept: media, 'accept-encoding': 'gzip' } });

test.serial('tags and hashes change when a definition comes, and are again what they were when it goes', async (t) => {
  const tagOf = async (media = 'application/json'): Promise<unknown> => (await apiRequest(plane, '/openapi/v2', accept(media))).headers.etag;
  const urls = async (): Promise<Readonly<Record<string, string>>> => Object.fromEntries(Object.entries((await get<Documents>('/openapi/v3')).paths).map(([path, { serverRelativeURL }]) => [path, serverRelativeURL]));
  const [tag, before] = [await tagOf(), await urls()];
  t.is(await tagOf('application/com.github.proto-openapi.spec.v2@v1.0+protobuf'), tag);
  const passing = definition({ group: 'passing.example.com' });
  await send(plane.server, 'POST', DEFINITIONS, passing);
  const added = await waitFor(async () => {
    const now = await urls();
    return now['apis/passing.example.com/v1'] !== undefined && now;
  }, { what: 'the definition in the index' });
  t.not(await tagOf(), tag);
  const { 'apis/passing.example.com/v1': _, ...others } = added;
  t.deepEqual(others, before);
  await send(plane.server, 'DELETE', `${DEFINITIONS}/${passing.metadata.name}`);
  await waitFor(async () => (await tagOf()) === tag, { what: 'the document of before' });
  t.deepEqual(await urls(), before);
});
