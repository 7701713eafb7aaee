import type { GroupResource } from '#api/resource-type.ts';
import type { TransactionResult, Write } from '../object-store.ts';
import { expires } from '../retention.ts';
import { fieldOf, type Layout, parseStored } from './layout.ts';

export type TransactionReply = [ok: 1, last: string] | [ok: 0, index: number, stored: string | null];

/** KEYS, and ARGV from the third on, of scripts/transaction.lua: a batch of transactions. */
export function transactionArguments(layout: Layout, batch: readonly (readonly Write[])[]): { readonly keys: readonly string[]; readonly args: readonly (string | number)[] } {
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

export function transactionResult(writes: readonly Write[], reply: TransactionReply): TransactionResult {
  if (reply[0] === 1) {
    const first = Number(reply[1]) - writes.length + 1;
    return { ok: true, revisions: writes.map((_, i) => first + i) };
  }
  const [, index, stored] = reply;
  const key = writes[index]?.key;
  return stored === null || key === undefined ? { ok: false, index } : { ok: false, index, current: parseStored(key, stored) };
}
