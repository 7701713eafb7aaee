import { groupResource } from '#api/resource-type.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { cachedOutcome, objectOutcome, type Outcome } from '../outcome.ts';
import { apiVersionOf } from '#api/resource-type.ts';
import { notFound } from '#api/status-error.ts';
import { readScale } from '../subresources/scale.ts';
import { awaitRevision } from './resource-version.ts';

/** GET of one object, its status or its scale. @throws StatusError NotFound, Timeout (ResourceVersionTooLarge) */
export async function get(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name, subresource } = call.info;
  await awaitRevision(env.cache, call.query['resourceVersion']);
  const cached = env.cache.get(groupResource(resource), namespace, name);
  if (cached === undefined) throw notFound(resource, name);
  if (subresource === 'scale') return readScale(cached.object);
  const apiVersion = apiVersionOf(resource);
  return cached.object.apiVersion === apiVersion ? cachedOutcome(resource, cached) : objectOutcome(resource, { ...cached.object, apiVersion });
}
