import type { TransactionItem } from '#api/headway/v1/transaction.ts';
import { APPLICATION_LABEL, type InventoryEntry } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { entryApiVersion, type Identity } from '../inventory/identity.ts';
import { planWaves } from '../waves/waves.ts';
import { syncOptions } from './sync-options.ts';

export interface PruneCandidate {
  readonly identity: Identity;
  readonly entry: InventoryEntry;
  /** Undefined when it is gone already. */
  readonly live: KubeObject | undefined;
}

export interface PrunePlan {
  /** Deletions, each group one transaction, in the reverse order of waves. */
  readonly waves: readonly (readonly PruneCandidate[])[];
  /** Still there, but not ours to delete: protected by annotation, or labelled as another application's or nobody's. */
  readonly kept: readonly PruneCandidate[];
}

export interface PruneRules {
  /** Of the application. */
  readonly label: string;
  /** Because the Application itself is deleted, which some objects outlive. */
  readonly isFinal?: boolean;
}

/** Only what carries the label of this application is deleted: what somebody took over, or made under the same name, stays. */
export function planPrune(candidates: readonly PruneCandidate[], { label, isFinal = false }: PruneRules): PrunePlan {
  const present = candidates.filter(({ live }) => live !== undefined && !live.metadata.deletionTimestamp);
  const isOurs = ({ live }: PruneCandidate): boolean => live?.metadata.labels?.[APPLICATION_LABEL] === label && !isProtected(live, isFinal);
  const [doomed, kept] = [present.filter(isOurs), present.filter((c) => !isOurs(c))];
  const waves = planWaves(doomed, ({ live, entry }) => live ?? { kind: entry.kind, metadata: { name: entry.name } });
  return { waves: waves.map((wave) => wave.toReversed()).toReversed(), kept };
}

function isProtected(live: KubeObject, isFinal: boolean): boolean {
  const options = syncOptions(live);
  return options.prune === 'keep' || options.apply === 'ignored' || (isFinal && options.delete === 'keep');
}

/** The uid keeps an object that was made anew in the meantime from being deleted. */
export const deletionOf = ({ entry, live }: PruneCandidate): TransactionItem => ({
  delete: {
    apiVersion: entryApiVersion(entry), kind: entry.kind, name: entry.name,
    ...(entry.namespace ? { namespace: entry.namespace } : {}), ...(live?.metadata.uid ? { uid: live.metadata.uid } : {}),
  },
});
