import type { KubeObject } from '#api/object.ts';
import { storedResource, type ResourceType } from '#api/resource-type.ts';
import type { WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { objectOutcome, type Outcome } from '../outcome.ts';
import { asWritten } from '../storage/commit.ts';

/** The answer to a write: an object that the cache has by then is not encoded once more. A dry run's bears the version of one that is another, and is what a webhook makes of it. */
export function writtenOutcome(env: Pick<Environment, 'cache'>, resource: ResourceType, object: KubeObject, { dryRun }: Pick<WriteContext, 'dryRun'>, status = 200): Outcome | Promise<Outcome> {
  if (dryRun && resource.conversion?.convert !== undefined) return asWritten(resource, object).then((written) => objectOutcome(resource, written, status));
  const outcome = objectOutcome(resource, object, status);
  if (dryRun || resource.conversion !== undefined) return outcome;
  const { name, namespace = '', resourceVersion } = object.metadata;
  const cached = env.cache.get(storedResource(resource), resource.namespaced ? namespace : '', name);
  return cached !== undefined && String(cached.revision) === resourceVersion ? { ...outcome, json: () => cached.json() } : outcome;
}
