import type { ResourceQuota } from '#api/generated/core/v1.ts';
import { evaluatorOf } from '#api/quota/quota.ts';
import { groupResource } from '#api/resource-type.ts';
import { forbidden, plainError } from '#api/status-error.ts';
import type { CachedObject } from '#watchcache/watch-cache.ts';
import type { Environment } from '../../environment.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../plugin.ts';
import { chargeOf, objectionOf, type ChargeInput } from './charge.ts';
import type { LimitedResource } from './configuration.ts';
import { QuotaLedger } from './ledger.ts';
import { uncoveredBy } from './uncovered.ts';

/**
 * Charges each new or growing object to the quotas of its namespace, in the store transaction that writes it: a quota that changed
 * meanwhile fails the transaction, and the write is tried again. So no race, also between API servers, exceeds a quota.
 */
export const resourceQuota = (limited: readonly LimitedResource[]): AdmissionPlugin => ({
  name: 'ResourceQuota',
  handles: ({ operation, namespace }, env) => namespace !== '' && (operation === 'CREATE' || operation === 'UPDATE') && (limited.length > 0 || quotasOf(env, namespace).length > 0),
  // A dry run reserves nothing, and must be refused all the same.
  validate(request, env) {
    if (request.context.dryRun) charge(request, env, limited, request.context.charges ?? new QuotaLedger());
  },
  reserve(request, env) {
    const { charges } = request.context;
    const ledger = charges ?? new QuotaLedger();
    charge(request, env, limited, ledger);
    // Charges of a whole transaction are written once, by who runs it.
    return charges ? [] : ledger.writes();
  },
});

const quotasOf = (env: Environment, namespace: string): readonly CachedObject[] => env.cache.list('resourcequotas', { namespace }).items;

function charge(request: AdmissionRequest, env: Environment, limited: readonly LimitedResource[], ledger: QuotaLedger): void {
  const { operation, subresource, resource, namespace, name, object, live } = request;
  const evaluator = evaluatorOf(groupResource(resource));
  if (evaluator === undefined || object === undefined) return;
  const isCounted = subresource === '' ? live === undefined || operation === 'CREATE' || evaluator.countsUpdate(object, live) : evaluator.subresource === subresource;
  if (!isCounted) return;
  const input = { evaluator, object, ...(live ? { live } : {}), nowMs: env.clock.now() };
  const quotas = quotasOf(env, namespace);
  // What no quota can count is told before what one of them has no more of.
  for (const cached of quotas) {
    const objection = objectionOf(ledger.read(cached), input);
    if (objection !== undefined) throw forbidden(resource, name, objection);
  }
  if (limited.length > 0) requireCover(request, quotas, limited, input);
  for (const cached of quotas) {
    const result = chargeOf(ledger.read(cached), input);
    if (result.type === 'refused') throw forbidden(resource, name, result.why);
    if (result.type === 'charged') ledger.charge(cached, result.used);
  }
}

/** @throws StatusError: as in Kubernetes a plain one where a scope is not covered */
function requireCover({ resource, name }: AdmissionRequest, quotas: readonly CachedObject[], limited: readonly LimitedResource[], input: ChargeInput): void {
  const { names, scopes } = uncoveredBy(quotas.map(({ object }) => object as ResourceQuota), limited, input);
  if (names.length > 0) throw forbidden(resource, name, `insufficient quota to consume: ${names.join(',')}`);
  if (scopes.length > 0) throw plainError(`insufficient quota to match these scopes: [${scopes.join(' ')}]`);
}
