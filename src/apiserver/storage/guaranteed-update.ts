import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { conflict, notFound, StatusError } from '#api/status-error.ts';
import type { Write } from '#store/object-store.ts';
import type { Environment } from '../environment.ts';
import { putObject, removeObject } from './commit.ts';
import { readFresh, readServed, type Versioned } from './object-reader.ts';

/** What shall happen to an object, decided from its present state; `also` is written with it or not at all. */
export type Decision =
  | { readonly type: 'put'; readonly object: KubeObject; readonly also?: readonly Write[] }
  /** Watchers are told `last`; the answer is `answer`, or else `last` with the version of the deletion. */
  | { readonly type: 'remove'; readonly last: KubeObject; readonly answer?: KubeObject; readonly also?: readonly Write[] }
  /** Nothing is written; the answer is `object`. `isUnchanged` is written all the same when what is stored is in an older form. */
  | { readonly type: 'keep'; readonly object: KubeObject; readonly isUnchanged?: boolean };

/** What is answered when nothing is written, as of a dry run. */
export const answerOf = (decision: Decision): KubeObject => (decision.type === 'remove' ? (decision.answer ?? decision.last) : decision.object);

export interface UpdateTarget {
  readonly resource: ResourceType;
  readonly namespace: string;
  readonly name: string;
}
export interface UpdateResult {
  readonly type: Decision['type'];
  readonly object: KubeObject;
}

/** Writers that lose this often in a row meet a storm; the client shall decide. Of so many who change one object at once, each gets its turn. */
const MAX_ATTEMPTS = 256;

/**
 * Reads, decides, compares and sets, and begins again when another writer was faster. `decide` may be called several times; when
 * it fails, or finds nothing to do, on a state that may be stale, it is asked once more with the present one: no answer comes from a lagging cache.
 * @throws StatusError NotFound when the object is absent
 */
export async function guaranteedUpdate(env: Pick<Environment, 'store' | 'cache'>, target: UpdateTarget, decide: (live: Versioned) => Promise<Decision>): Promise<UpdateResult> {
  const { resource, namespace, name } = target;
  const cached = readServed(env.cache, resource, namespace, name);
  let live = cached instanceof Promise ? await cached : cached;
  let isFresh = false;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (live === undefined && !isFresh) {
      live = await readFresh(env.cache, resource, namespace, name);
      isFresh = true;
    }
    if (live === undefined) throw notFound(resource, name);
    const decision = await decideFresh(env, target, live, isFresh, decide);
    if (decision.live !== live) isFresh = true;
    live = decision.live;
    const result = await perform(env, resource, live, decision.decision);
    if (result.ok) return { type: decision.decision.type, object: (decision.decision.type === 'remove' && decision.decision.answer) || result.object };
    live = result.isOther ? undefined : result.current;
    isFresh = !result.isOther;
  }
  throw conflict(resource, name);
}

async function decideFresh(env: Pick<Environment, 'cache'>, target: UpdateTarget, live: Versioned, isFresh: boolean, decide: (live: Versioned) => Promise<Decision>) {
  let failure: StatusError | undefined;
  let decision: Decision | undefined;
  try {
    decision = await decide(live);
    if (isFresh || decision.type !== 'keep') return { live, decision };
  } catch (error) {
    if (isFresh || !(error instanceof StatusError)) throw error;
    failure = error;
  }
  const fresh = await readFresh(env.cache, target.resource, target.namespace, target.name);
  if (fresh === undefined) throw notFound(target.resource, target.name);
  if (fresh.revision !== live.revision) return { live: fresh, decision: await decide(fresh) };
  if (decision === undefined) throw failure ?? notFound(target.resource, target.name);
  return { live, decision };
}

function perform(env: Pick<Environment, 'store'>, resource: ResourceType, live: Versioned, decision: Decision) {
  switch (decision.type) {
    case 'keep':
      if (decision.isUnchanged && live.stored !== undefined && resource.conversion?.isOutdated(live.stored)) return putObject(env.store, resource, decision.object, live.revision);
      return { ok: true as const, object: decision.object };
    case 'put': return putObject(env.store, resource, decision.object, live.revision, decision.also);
    case 'remove': return removeObject(env.store, resource, decision.last, live.revision, decision.also);
  }
}
