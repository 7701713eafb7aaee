import { decoderOf, DecodeState, Mismatch } from '#api/decoders.ts';
import type { DeleteOptions } from '#api/generated/meta/v1.ts';
import { isJsonObject } from '#api/json.ts';
import { badRequest } from '#api/status-error.ts';
import { Problems } from '#api/validation/problems.ts';
import type { Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { isTrue } from '../request-info.ts';
import { integerOf } from './list-options.ts';
import { checkDryRun, dryRunOf, invalidOptions } from './write-options.ts';

type Options = Partial<DeleteOptions>;

const POLICIES: readonly string[] = ['Foreground', 'Background', 'Orphan'];

/**
 * From the body, or else the query; a dry run that either asks for is one. To delete what cannot be read (`ignoreStoreReadErrorWithClusterBreakingPotential`) is off
 * in Kubernetes, and the wish overheard. @throws StatusError BadRequest, Invalid
 */
export function deleteOptions(env: Pick<Environment, 'schema'>, { body, query }: Pick<Call, 'body' | 'query'>): Options {
  const given = body === undefined || body === null ? queryOptions(query) : bodyOptions(env, body);
  const dryRun = dryRunOf(query);
  const options = dryRun.length === 0 || given.dryRun ? given : { ...given, dryRun };
  checkOptions(options);
  return options;
}

function bodyOptions({ schema }: Pick<Environment, 'schema'>, body: unknown): Options {
  if (!isJsonObject(body) || (body['kind'] !== undefined && body['kind'] !== '' && body['kind'] !== 'DeleteOptions')) throw badRequest('decoded object cannot be converted to DeleteOptions');
  try {
    return decoderOf(schema, 'meta/v1.DeleteOptions')(body, new DecodeState()) as Options;
  } catch (error) {
    throw error instanceof Mismatch ? badRequest(error.message) : error;
  }
}

function queryOptions(query: Call['query']): Options {
  const { propagationPolicy, uid, resourceVersion } = query;
  const gracePeriodSeconds = integerOf(query['gracePeriodSeconds']);
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(uid === undefined && resourceVersion === undefined ? {} : { preconditions: { ...(uid === undefined ? {} : { uid }), ...(resourceVersion === undefined ? {} : { resourceVersion }) } }),
    ...(query['orphanDependents'] === undefined ? {} : { orphanDependents: isTrue(query['orphanDependents']) }),
  };
}

function checkOptions(options: Options): void {
  const { propagationPolicy, orphanDependents, dryRun } = options;
  const problems = new Problems();
  if (propagationPolicy !== undefined) {
    if (orphanDependents !== undefined) problems.invalid('propagationPolicy', propagationPolicy, 'orphanDependents and deletionPropagation cannot be both set');
    if (!POLICIES.includes(propagationPolicy)) problems.notSupported('propagationPolicy', propagationPolicy, [...POLICIES, 'nil']);
  }
  if (dryRun !== undefined) checkDryRun(problems, dryRun);
  if (problems.causes.length > 0) throw invalidOptions('DeleteOptions', problems.causes);
}
