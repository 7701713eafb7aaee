import type { TokenRequest } from '#api/generated/authentication/v1.ts';
import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { NODES, PODS, SECRETS } from '#api/resources.ts';
import { badRequest, conflict, invalid } from '#api/status-error.ts';
import { formatTime } from '#base/clock.ts';
import { isDryRun, writeContext, type Call } from '../call.ts';
import type { Environment } from '../environment.ts';
import { type BoundObject, ISSUER, POD_TOKEN_SECONDS, type TokenRequestInput } from '../authn/service-account-tokens.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { readExisting } from '../storage/object-reader.ts';
import { admitSubresource } from './admit.ts';

const DEFAULT_SECONDS = 3_600;
const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;
const EXTENDED_SECONDS = 365 * 24 * 3_600;
const BOUND_KINDS = { Pod: PODS, Secret: SECRETS, Node: NODES } as const;
const TOKEN_REQUESTS = { group: 'authentication.k8s.io', plural: 'tokenrequests', kind: 'TokenRequest' } as const;

/** POST serviceaccounts/<name>/token: a token of the account, bound to an object when one is named. */
export async function requestToken(env: Environment, call: Call): Promise<Outcome> {
  const { resource, namespace, name } = call.info;
  const sent = call.body as TokenRequest & KubeObject;
  if (sent.metadata.name && sent.metadata.name !== name) throw wrong('metadata.name', sent.metadata.name, 'must match the service account name if specified', name);
  const { object: account } = await readExisting(env.cache, resource, namespace, name);
  const uid = account.metadata.uid ?? '';
  if (sent.metadata.uid && sent.metadata.uid !== uid) throw conflict({ ...TOKEN_REQUESTS, plural: TOKEN_REQUESTS.kind }, name, `the UID in the token request (${sent.metadata.uid}) does not match the UID of the service account (${uid})`);
  const request = await admitSubresource(env, call.info, { operation: 'CREATE', object: sent, type: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' }, context: writeContext(call) });
  const expirationSeconds = request.spec?.expirationSeconds ?? DEFAULT_SECONDS;
  requireDuration(expirationSeconds);
  const bound = await boundObject(env, namespace, name, request);
  const audiences = request.spec?.audiences ?? [];
  const issued = isDryRun(call.query['dryRun']) ? undefined : await env.tokens.issue({ namespace, account, audiences, ...(env.tokens.areExtended ? lifetime(expirationSeconds, bound, audiences) : { expirationSeconds }), ...bound });
  const metadata = { name, namespace, uid, creationTimestamp: formatTime(env.clock.now()) };
  return documentOutcome({
    kind: 'TokenRequest', apiVersion: 'authentication.k8s.io/v1', metadata,
    spec: { audiences: audiences.length > 0 ? audiences : [ISSUER], expirationSeconds, ...(request.spec?.boundObjectRef ? { boundObjectRef: request.spec.boundObjectRef } : {}) },
    status: { token: issued ?? '', expirationTimestamp: formatTime(env.clock.now() + expirationSeconds * 1000) },
  }, 201);
}

function requireDuration(seconds: number): void {
  const why = seconds < MIN_SECONDS ? 'may not specify a duration less than 10 minutes' : seconds > MAX_SECONDS ? 'may not specify a duration larger than 2^32 seconds' : undefined;
  if (why !== undefined) throw wrong('spec.expirationSeconds', seconds, why);
}

/**
 * The token that every pod gets by default is good for a year after all, as in Kubernetes, while its pod is there: there are programs that read it once. Who
 * asks for it is told of the hour, and brings a new one in time.
 */
function lifetime(expirationSeconds: number, { boundTo }: Bound, audiences: readonly string[]): Pick<TokenRequestInput, 'expirationSeconds' | 'warnAfterSeconds'> {
  const isDefault = boundTo?.kind === 'Pod' && expirationSeconds === POD_TOKEN_SECONDS && audiences.every((audience) => audience === ISSUER);
  return isDefault ? { expirationSeconds: EXTENDED_SECONDS, warnAfterSeconds: expirationSeconds } : { expirationSeconds };
}

const wrong = (field: string, value: string | number, why: string, name = '') =>
  invalid(TOKEN_REQUESTS, name, [{ reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` }]);

type Bound = Pick<TokenRequestInput, 'boundTo' | 'node'>;

async function boundObject(env: Environment, namespace: string, account: string, request: TokenRequest): Promise<Bound> {
  const reference = request.spec?.boundObjectRef;
  if (!reference) return {};
  const resource = BOUND_KINDS[reference.kind as keyof typeof BOUND_KINDS];
  if (resource === undefined || (reference.apiVersion ?? '') !== 'v1') throw badRequest(`cannot bind token for serviceaccount to object of type ${typeText(reference)}`);
  const { object } = await readExisting(env.cache, resource, namespace, reference.name ?? '');
  const uid = object.metadata.uid ?? '';
  const { spec } = object as Pod & KubeObject;
  if (resource === PODS && (spec?.serviceAccountName ?? '') !== account) throw badRequest(`cannot bind token for serviceaccount ${JSON.stringify(account)} to pod running with different serviceaccount name.`);
  if (reference.uid && reference.uid !== uid) throw conflict({ group: '', plural: reference.kind ?? '', kind: reference.kind ?? '' }, object.metadata.name, `the UID in the bound object reference (${reference.uid}) does not match the UID in record. The object might have been deleted and then recreated`);
  const boundTo: BoundObject = { kind: reference.kind as BoundObject['kind'], name: object.metadata.name, uid };
  return resource === PODS && spec?.nodeName ? { boundTo, node: nodeOf(env, spec.nodeName) } : { boundTo };
}

function nodeOf(env: Environment, name: string): NonNullable<Bound['node']> {
  const uid = env.cache.get('nodes', '', name)?.object.metadata.uid;
  return { name, ...(uid ? { uid } : {}) };
}

/** As Go prints a group, version and kind. */
function typeText({ apiVersion = '', kind = '' }: { readonly apiVersion?: string | undefined; readonly kind?: string | undefined }): string {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? `/${first}, Kind=${kind}` : `${first}/${second}, Kind=${kind}`;
}
