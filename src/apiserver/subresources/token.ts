import type { TokenRequest } from '#api/generated/authentication/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NODES, PODS, SECRETS } from '#api/resources.ts';
import { badRequest, conflict, invalid } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import { isDryRun, writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { ISSUER, type TokenRequestInput } from '../authn/service-account-tokens.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { readExisting } from '../storage/object-reader.ts';
import { admitSubresource } from './admit.ts';

const DEFAULT_SECONDS = 3_600;
const MIN_SECONDS = 600;
const BOUND_KINDS = { Pod: PODS, Secret: SECRETS, Node: NODES } as const;
const TOKEN_REQUESTS = { group: 'authentication.k8s.io', plural: 'tokenrequests', kind: 'TokenRequest' } as const;

/** POST serviceaccounts/<name>/token: a token of the account, bound to an object when one is named. */
export async function requestToken(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const sent = call.body as (TokenRequest & KubeObject) | null | undefined;
  if (!sent || typeof sent !== 'object') throw badRequest('the body of a token request is a TokenRequest');
  const { object: account } = await readExisting(env.cache, resource, namespace, name);
  const request = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' }, context: writeContext(call) });
  const expirationSeconds = request.spec?.expirationSeconds ?? DEFAULT_SECONDS;
  if (expirationSeconds < MIN_SECONDS) throw invalid(TOKEN_REQUESTS, '', [{ reason: 'FieldValueInvalid', field: 'spec.expirationSeconds', message: `Invalid value: ${expirationSeconds}: may not specify a duration less than 10 minutes` }]);
  const boundTo = await boundObject(env, namespace, request);
  const audiences = request.spec?.audiences ?? [];
  const issued = isDryRun(call.query['dryRun']) ? undefined : await env.tokens.issue({ namespace, account, audiences, expirationSeconds, ...(boundTo ? { boundTo } : {}) });
  const metadata = { name, namespace, creationTimestamp: formatTime(env.clock.now()) };
  return documentOutcome({
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata,
    spec: { audiences: audiences.length > 0 ? audiences : [ISSUER], expirationSeconds, ...(request.spec?.boundObjectRef ? { boundObjectRef: request.spec.boundObjectRef } : {}) },
    status: { token: issued?.token ?? '', expirationTimestamp: formatTime(issued?.expiresAtMs ?? env.clock.now() + expirationSeconds * 1000) },
  }, 201);
}

async function boundObject(env: Environment, namespace: string, request: TokenRequest): Promise<TokenRequestInput['boundTo']> {
  const reference = request.spec?.boundObjectRef;
  if (!reference) return undefined;
  const resource = BOUND_KINDS[reference.kind as keyof typeof BOUND_KINDS];
  if (resource === undefined) throw badRequest(`cannot bind token for serviceaccount to object of type ${reference.kind ?? ''}`);
  const { object } = await readExisting(env.cache, resource, namespace, reference.name ?? '');
  const uid = object.metadata.uid ?? '';
  if (reference.uid && reference.uid !== uid) throw conflict(resource, object.metadata.name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  return { kind: reference.kind as 'Pod' | 'Secret' | 'Node', name: object.metadata.name, uid };
}
