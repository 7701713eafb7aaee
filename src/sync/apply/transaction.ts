import type { Status } from '#api/generated/meta/v1.ts';
import { SYNC_FIELD_MANAGER } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Client, New } from '#client/client.ts';

export type TransactionItem =
  | { readonly apply: KubeObject }
  | { readonly delete: { readonly apiVersion: string; readonly kind: string; readonly namespace?: string; readonly name: string; readonly uid?: string } };

export interface TransactionItemResult {
  readonly object?: KubeObject;
  readonly error?: Status;
  readonly action?: 'created' | 'updated' | 'unchanged' | 'deleted';
}

interface Transaction extends KubeObject {
  readonly spec: { readonly fieldManager: string; readonly force: boolean; readonly dryRun?: boolean; readonly items: readonly TransactionItem[] };
  readonly status?: { readonly items?: readonly TransactionItemResult[] };
}

const TRANSACTIONS: ResourceType<Transaction> = {
  group: 'headway.dev', version: 'v1', kind: 'Transaction', plural: 'transactions', singular: 'transaction', shortNames: [], categories: [],
  namespaced: false, verbs: ['create'], subresources: [],
};

/**
 * Applies and deletes all items or, when one is refused, none; the answers are in the order of the items.
 * @throws StatusError when the server could not work on it at all; the signal's reason when aborted (the outcome is then unknown)
 */
export async function submitTransaction(client: Client, items: readonly TransactionItem[], options: { readonly dryRun?: boolean; readonly signal: AbortSignal }): Promise<readonly TransactionItemResult[]> {
  if (items.length === 0) return [];
  const transaction: New<Transaction> = {
    apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: {},
    spec: { fieldManager: SYNC_FIELD_MANAGER, force: true, ...(options.dryRun ? { dryRun: true } : {}), items },
  };
  const answer = await client.create(TRANSACTIONS, transaction, { fieldManager: SYNC_FIELD_MANAGER, fieldValidation: 'Strict', signal: options.signal });
  return answer.status?.items ?? [];
}
