import type { TransactionItem, TransactionResult } from '#api/headway/v1/transaction.ts';
import { COMMIT_ANNOTATION, SYNC_FIELD_MANAGER } from '#api/headway/v1/types.ts';
import { TRANSACTIONS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import { asError } from '#base/errors.ts';
import type { Client } from '#client/client.ts';

/**
 * Applies and deletes all items or, when one is refused, none; the answers are in the order of the items. `revision` is the
 * commit that the audit log shall name.
 * @throws StatusError when the server could not work on it, or could not for now on one item (retryable); the signal's reason when aborted (the outcome is then unknown)
 */
export async function submitTransaction(client: Client, items: readonly TransactionItem[], options: { readonly dryRun?: boolean; readonly revision?: string; readonly fieldManager?: string; readonly signal: AbortSignal }): Promise<readonly TransactionResult[]> {
  if (items.length === 0) return [];
  const { fieldManager = SYNC_FIELD_MANAGER } = options;
  const answer = await orAbort(client.create(
    TRANSACTIONS,
    { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: options.revision ? { annotations: { [COMMIT_ANNOTATION]: options.revision } } : {}, spec: { fieldManager, force: true, ...(options.dryRun ? { dryRun: true } : {}), items } },
    { fieldManager, fieldValidation: 'Strict', signal: options.signal },
  ), options.signal);
  const results = answer.status?.items ?? [];
  const failures = results.flatMap(({ error }) => (error ? [StatusError.fromStatus(error)] : []));
  const transient = failures.find((failure) => failure.isRetryable);
  if (transient) throw transient;
  return results;
}

/** A store that hangs shall not hold up a newer commit: what was asked for may still happen, and is looked at again by whoever comes next. */
function orAbort<T>(answer: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(asError(signal.reason));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    // In any case: nobody else hears of its failure.
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
