import type { Transaction, TransactionItem, TransactionResult } from '#api/headway/v1/transaction.ts';
import type { KubeObject } from '#api/object.ts';
import { badRequest, conflict, StatusError } from '#api/status-error.ts';
import type { Write } from '#store/object-store.ts';
import { QuotaLedger } from '../admission/resource-quota/ledger.ts';
import type { Call, WriteContext } from '../call.ts';
import type { Environment } from '../environment.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import { commit } from '../storage/commit.ts';
import { withRevision } from '../storage/object-reader.ts';
import { toStatus } from '../to-status.ts';
import { planItem, type PlannedItem, type PlanContext } from './plan-item.ts';

/** Losing so often in a row means that something else writes the same objects without end. */
const MAX_ATTEMPTS = 16;
const MAX_AUDIT_TEXT = 16_384;

/**
 * All or nothing: every item is authorized, merged, admitted and validated; then one store transaction writes them. An item that is
 * wrong fails the whole, and the answer (200, `committed: false`) tells of every item that is. For a client that has gone by then nothing is
 * written. @throws StatusError BadRequest, Conflict, Timeout
 */
export async function runTransaction(env: Environment, call: Call): Promise<Outcome> {
  const transaction = requireTransaction(call.body);
  call.audit?.('headway.dev/objects', transaction.spec.items.map(describe).join(', ').slice(0, MAX_AUDIT_TEXT));
  const force = transaction.spec.force === true;
  const common = writeContextOf(transaction, call);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    // Nothing is compared when a dry run ends: it must see what its client, having given up on it, has written before.
    if (attempt > 0 || common.dryRun) await env.cache.sync();
    const charges = new QuotaLedger();
    const planned = await Promise.all(transaction.spec.items.map((item, i) => plan({ env, call, force, write: { ...common, charges, ...auditOf(call, i) } }, item, attempt > 0)));
    const isValid = planned.every((p) => p.error === undefined);
    if (!isValid && attempt === 0) continue;
    if (!isValid || common.dryRun) return answer(transaction, planned.map((p) => p.result), isValid && !common.dryRun);
    if (call.hasLeft?.()) throw new StatusError('Timeout', 'the client has gone; nothing was written');
    const results = await write(env, planned, charges);
    if (results !== undefined) return answer(transaction, results, true);
  }
  throw conflict(call.info.resource, '', 'other writers changed the objects again and again');
}

/** What all items have in common. Who is asked about one is told who applies, and waits no longer than the client does. */
function writeContextOf({ spec: { fieldManager, dryRun, items } }: Transaction, call: Call): WriteContext {
  const { user, startedAt, query: { timeout } } = call;
  const namespaces = items.flatMap((item) => ('apply' in item && item.apply.kind === 'Namespace' && item.apply.apiVersion === 'v1' ? [[item.apply.metadata.name, item.apply] as const] : []));
  return { user, startedAt, query: { fieldManager, ...(timeout === undefined ? {} : { timeout }) }, dryRun: dryRun === true, fieldManager, warn: (text) => call.warn(text), newNamespaces: new Map(namespaces) };
}

/** What is noted of an item stands in the record under a key of its own: `round_0_index_1_item_2`. */
function auditOf({ audit }: Pick<Call, 'audit'>, index: number): Pick<WriteContext, 'audit'> {
  return audit === undefined ? {} : { audit: (key, value) => audit(`${key}_item_${index}`, value) };
}

interface Planned extends PlannedItem {
  readonly error?: unknown;
}

async function plan(context: PlanContext, item: TransactionItem, isFresh: boolean): Promise<Planned> {
  try {
    return await planItem(context, item, isFresh);
  } catch (error) {
    return { error, writes: [], result: { error: toStatus(error) } };
  }
}

/** Undefined when another writer was faster. */
async function write(env: Environment, planned: readonly Planned[], charges: QuotaLedger): Promise<readonly TransactionResult[] | undefined> {
  const writes: readonly Write[] = charges.join(planned.flatMap((p) => p.writes));
  if (writes.length === 0) return planned.map((p) => p.result);
  const committed = await commit(env.store, writes);
  if (!committed.ok) return undefined;
  let index = 0;
  return planned.map(({ writes: own, result }) => {
    const revision = committed.revisions[index];
    index += own.length;
    return own.length > 0 && result.object && revision !== undefined ? { ...result, object: withRevision(result.object, revision) } : result;
  });
}

function answer(transaction: Transaction, items: readonly TransactionResult[], committed: boolean): Outcome {
  return documentOutcome({ apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: transaction.metadata ?? {}, spec: { ...transaction.spec, items: [] }, status: { committed, items } }, 201);
}

function requireTransaction(body: unknown): Transaction {
  const transaction = body as Transaction | null | undefined;
  const items = transaction?.spec?.items;
  if (!transaction || !Array.isArray(items)) throw badRequest('spec.items: Required value');
  if (!transaction.spec.fieldManager) throw badRequest('spec.fieldManager: Required value');
  const keys = new Set<string>();
  items.forEach((item: TransactionItem, i) => {
    const key = keyOf(item, i);
    if (keys.has(key)) throw badRequest(`spec.items[${i}]: Duplicate value: ${key}`);
    keys.add(key);
  });
  return transaction;
}

function keyOf(item: TransactionItem, index: number): string {
  const target = 'apply' in item ? referenceOf(item.apply) : item.delete;
  if (!target?.apiVersion || !target.kind || !target.name) throw badRequest(`spec.items[${index}]: apiVersion, kind and name are required`);
  return `${target.apiVersion}/${target.kind}/${target.namespace ?? ''}/${target.name}`;
}

/** For people who read the audit log. */
function describe(item: TransactionItem): string {
  const { kind = '', namespace, name = '' } = ('apply' in item ? referenceOf(item.apply) : item.delete) ?? {};
  return `${'apply' in item ? 'apply' : 'delete'} ${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}

const referenceOf = (object: KubeObject | undefined) => object && { apiVersion: object.apiVersion, kind: object.kind, namespace: object.metadata?.namespace, name: object.metadata?.name };
