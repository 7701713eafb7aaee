import type { KubeObject } from '#api/object.ts';
import { isStatus } from '#api/status-error.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { itemOf, type Outcome } from '../outcome.ts';
import { deleteOptions, removeObjectBy } from './delete.ts';
import { page } from './list.ts';
import { awaitRevision } from './resource-version.ts';
import { selectionOf } from './selection.ts';

/** As many deletions as run at once; a whole namespace must not starve other requests. */
const CONCURRENCY = 32;

/** Deletes what the selectors choose, one object after the other, and answers with the objects. */
export async function removeCollection(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace } = call.info;
  const options = deleteOptions(call);
  await awaitRevision(env.cache, undefined);
  const found = await page(env, { resource, namespace, limit: 0, selection: selectionOf(resource, call.query) });
  const removed: KubeObject[] = [];
  for (let i = 0; i < found.items.length; i += CONCURRENCY) {
    const batch = found.items.slice(i, i + CONCURRENCY).map(({ object }) => removeOne(object));
    for (const result of await Promise.all(batch)) if (result) removed.push(result);
  }
  return { type: 'list', resource, metadata: found.metadata, items: removed.map(itemOf) };

  async function removeOne(object: KubeObject): Promise<KubeObject | undefined> {
    const { name, namespace: own = '' } = object.metadata;
    try {
      return (await removeObjectBy(env, { resource, namespace: own, name, options, call })).object;
    } catch (error) {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}
