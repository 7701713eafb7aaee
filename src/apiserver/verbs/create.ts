import type { KubeObject } from '#api/object.ts';
import { storedResource, type ResourceType } from '#api/resource-type.ts';
import { alreadyExists, conflict, generatedNameTaken } from '#api/status-error.ts';
import { writeContext, type Call, type WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { prepareCreate, type Prepared } from '../registry/prepare-create.ts';
import { insertObject } from '../storage/commit.ts';
import { readFresh } from '../storage/object-reader.ts';
import { decodeBody } from './decode.ts';
import { writtenOutcome } from './written-outcome.ts';

/** A generated name that is taken is made again so often. */
const GENERATED_NAME_TRIES = 8;
/** Writers that lose this often in a row meet a storm; the client shall decide. */
const MAX_ATTEMPTS = 32;

/** @throws StatusError AlreadyExists, Invalid, Forbidden, NotFound (the namespace) */
export function create(env: Environment, call: Call): Promise<Outcome> {
  const { resource } = call.info;
  const sent = decodeBody(env, call);
  const context = writeContext(call);
  return createObject(env, resource, sent, context).then((object) => writtenOutcome(env, resource, object, context, 201));
}

export function createObject(env: Environment, resource: ResourceType, sent: KubeObject, context: WriteContext): Promise<KubeObject> {
  // Creations that met at something they share, such as a quota, go one after another: together, all but one would lose each time.
  return tryCreate(env, resource, sent, context).then((stored) => (stored === 'again' ? env.turns.take(sent.metadata.namespace ?? '', () => createAgain(env, resource, sent, context)) : stored));
}

async function createAgain(env: Environment, resource: ResourceType, sent: KubeObject, context: WriteContext): Promise<KubeObject> {
  for (let attempt = 1; attempt < MAX_ATTEMPTS; attempt++) {
    await env.cache.sync();
    const stored = await tryCreate(env, resource, sent, context);
    if (stored !== 'again') return stored;
  }
  throw conflict(resource, sent.metadata.name);
}

async function tryCreate(env: Environment, resource: ResourceType, sent: KubeObject, context: WriteContext): Promise<KubeObject | 'again'> {
  const isGenerated = !sent.metadata.name && Boolean(sent.metadata.generateName);
  for (let attempt = 1; ; attempt++) {
    const prepared = await prepareCreate(env, resource, sent, context);
    const stored = await insert(env, resource, prepared, context);
    if (stored !== undefined) return stored;
    if (!isGenerated || attempt >= GENERATED_NAME_TRIES) throw nameTaken(env, resource, prepared.object.metadata);
  }
}

/** Tells also why waiting may help: the one that has the name is on its way out, or the next name may be free. */
function nameTaken({ cache }: Environment, resource: ResourceType, { name, namespace = '', generateName }: KubeObject['metadata']): Error {
  if (generateName) return generatedNameTaken(resource, name);
  const existing = cache.get(storedResource(resource), namespace, name)?.object;
  return alreadyExists(resource, name, existing?.metadata.deletionTimestamp === undefined ? '' : 'object is being deleted: ');
}

/** Undefined when the name is taken; `again` when something that is written with the object has changed. */
function insert(env: Environment, resource: ResourceType, { object, also }: Prepared, context: WriteContext): Promise<KubeObject | 'again' | undefined> {
  if (context.dryRun) return readFresh(env.cache, resource, object.metadata.namespace ?? '', object.metadata.name).then((existing) => (existing === undefined ? object : undefined));
  return insertObject(env, resource, object, also).then((result) => (result.ok ? result.object : result.isOther ? 'again' : undefined));
}
