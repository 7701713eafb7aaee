import type { KubeObject } from '#api/object.ts';
import { isStatus } from '#api/status-error.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import type { Outcome } from '../outcome.ts';
import { deleteOptions } from './delete-options.ts';
import { removeObjectBy } from './delete.ts';
import { list } from './list.ts';

/** As many deletions as run at once; a whole namespace must not starve other requests. */
const CONCURRENCY = 32;

/** Deletes what a list with the same options shows, some objects at a time, and answers with that list. */
export async function removeCollection(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace } = call.info;
  const options = deleteOptions(env, call);
  const found = await list(env, call);
  for (let i = 0; i < found.items.length; i += CONCURRENCY) {
    await Promise.all(found.items.slice(i, i + CONCURRENCY).map(({ object }) => removeOne(object)));
  }
  return found;

  async function removeOne({ metadata }: KubeObject): Promise<void> {
    try {
      await removeObjectBy(env, { resource, namespace, name: metadata.name, options, call, isOfCollection: true });
    } catch (error) {
      if (!isStatus(error, 'NotFound')) throw error;
    }
  }
}
