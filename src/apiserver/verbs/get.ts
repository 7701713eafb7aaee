import { andThen } from '#base/and-then.ts';
import { storedResource } from '#api/resource-type.ts';
import { badRequest, notFound } from '#api/status-error.ts';
import type { EncodedObject } from '#api/conversion.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { cachedOutcome, type Outcome } from '../outcome.ts';
import { isTrue } from '../request-info.ts';
import { readScale } from '../subresources/scale.ts';
import { awaitRevision } from './resource-version.ts';

/** GET of one object, its status or its scale. @throws StatusError NotFound, Timeout (ResourceVersionTooLarge) */
export function get(env: Environment, call: Call): Outcome | Promise<Outcome> {
  if (isTrue(call.query['export'])) throw badRequest('the export parameter, deprecated since v1.14, is no longer supported');
  return andThen(awaitRevision(env.cache, call.query['resourceVersion']), () => read(env, call));
}

function read(env: Environment, call: Call): Outcome | Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const cached = env.cache.get(storedResource(resource), namespace, name);
  if (cached === undefined) throw notFound(resource, name);
  if (resource.conversion === undefined) return answer(call, cached);
  return andThen(resource.conversion.serve([cached]), ([served = cached]) => answer(call, served));
}

const answer = ({ info }: Call, found: EncodedObject): Outcome => (info.subresource === 'scale' ? readScale(info.resource, found.object) : cachedOutcome(info.resource, found));
