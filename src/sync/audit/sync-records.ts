import type { Application, Sync, SyncedObject } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { SYNCS } from '#api/resources.ts';
import type { ResourceType } from '#api/resource-type.ts';
import type { Client } from '#client/client.ts';

/** An application's Sync records, newest first. */
export async function syncRecords(client: Pick<Client, 'list'>, { metadata }: Pick<Application, 'metadata'>): Promise<readonly Sync[]> {
  const { items } = await client.list(SYNCS, { namespace: metadata.namespace ?? '' });
  return items.filter(({ spec }) => spec.application === metadata.name).sort((a, b) => timeOf(b) - timeOf(a));
}

/** Milliseconds since the epoch at which its outcome was known, or else at which it began. */
export const timeOf = ({ status, metadata }: Sync): number => Date.parse(status?.completionTime ?? status?.startTime ?? metadata.creationTimestamp ?? '');

/** The record that says what was applied at a time: the last one before it that succeeded. Undefined when the records do not reach back. */
export const appliedAt = (records: readonly Sync[], time: number): Sync | undefined =>
  [...records].sort((a, b) => timeOf(b) - timeOf(a)).find((record) => record.status?.phase === 'Succeeded' && timeOf(record) <= time);

/** What a record says of one object; undefined when the sync did not touch it. */
export const recordOf = ({ status }: Sync, { group, kind, namespaced }: ResourceType, { name, namespace }: Pick<KubeObject['metadata'], 'name' | 'namespace'>): SyncedObject | undefined =>
  status?.objects?.find((object) => object.group === group && object.kind === kind && object.name === name && (!namespaced || object.namespace === namespace));
