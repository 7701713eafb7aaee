import type { GroupResource } from '#api/resource-type.ts';
import type { TransactionResult, Write } from '../object-store.ts';
import { expires } from '../retention.ts';
import type { ChainLink } from './chain.ts';
import { fieldOf, type Layout, parseStored } from './layout.ts';
import type { LeaseState } from './read-lease.ts';

/** The writes of each transaction. */
export type Batch = readonly (readonly Write[])[];

/** What scripts/transaction.lua returns. */
export type BatchReply = readonly [previous: string, lease: string, askedBack: string, ...replies: TransactionReply[]];
type TransactionReply = readonly [ok: 1, last: string, ...told: string[]] | readonly [ok: 0, index: number, stored: string | null];

/** A batch that was performed. */
export interface Performed {
  /** For each transaction. */
  readonly results: readonly TransactionResult[];
  /** Of those that wrote, in order. */
  readonly links: readonly ChainLink[];
  /** Of the store, after them. */
  readonly revision: number;
  readonly lease: LeaseState;
}

/** KEYS, and ARGV from the fourth on, of scripts/transaction.lua: a batch of transactions. */
export function transactionArguments(layout: Layout, batch: Batch): { readonly keys: readonly string[]; readonly args: readonly (string | number)[] } {
  const numbers = new Map<GroupResource, number>();
  for (const writes of batch) for (const { key } of writes) if (!numbers.has(key.resource)) numbers.set(key.resource, numbers.size + 1);
  const resources = [...numbers.keys()];
  const args: (string | number)[] = [resources.length];
  for (const resource of resources) args.push(resource, expires(resource) ? '1' : '0');
  for (const writes of batch) {
    args.push(writes.length);
    for (const { type, key, expect, value } of writes) args.push(type === 'put' ? '+' : '-', numbers.get(key.resource) ?? 0, fieldOf(key), expect, value ?? '');
  }
  return { keys: [layout.meta, layout.events, layout.index, layout.expiring, ...resources.map((r) => layout.objects(r))], args };
}

export function readReply(batch: Batch, [before, holder, askedBack, ...replies]: BatchReply): Performed {
  let revision = Number(before);
  const links: ChainLink[] = [];
  const results = batch.map((writes, i): TransactionResult => {
    const reply = replies[i] as TransactionReply;
    if (reply[0] === 0) return refusal(writes, reply);
    const [, lastText, ...told] = reply;
    const last = Number(lastText);
    const first = last - writes.length + 1;
    links.push({ previous: revision, first, last, batch: writes.map(({ type, key, value }, j) => ({ type, key, value: value ?? told.shift() ?? '', revision: first + j })) });
    revision = last;
    return { ok: true, revisions: writes.map((_, j) => first + j) };
  });
  return { results, links, revision, lease: { holder: holder === '' ? null : holder, isAskedBack: holder === askedBack } };
}

function refusal(writes: readonly Write[], [, index, stored]: TransactionReply & { readonly 0: 0 }): TransactionResult {
  const key = writes[index]?.key;
  return stored === null || key === undefined ? { ok: false, index } : { ok: false, index, current: parseStored(key, stored) };
}
