import type { TransactionResult } from '#api/headway/v1/transaction.ts';
import { APPLICATION_LABEL } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource, type GroupResource } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';
import { labelOf } from '../application/application-names.ts';
import { refusalsOf } from '../apply/refusals.ts';
import { syncOptions } from '../apply/sync-options.ts';
import { submitTransaction } from '../apply/transaction.ts';
import { actionOf, type ComparedApplication, type ComparedObject } from './compare-application.ts';
import type { DeclaredObject } from './declare.ts';

export interface LiveOptions {
  readonly client: Client;
  /** Custom resources that the cluster serves: `widgets.example.org`. What comes with its definition is judged by Git alone. */
  readonly served: ReadonlySet<GroupResource>;
  readonly signal: AbortSignal;
}

/**
 * The same application as the cluster would have it: what is there, and what a dry run makes of it, with the server's defaults, webhooks and
 * the fields of others. Writes nothing.
 */
export async function againstLive(compared: ComparedApplication, options: LiveOptions): Promise<ComparedApplication> {
  const live = await Promise.all(compared.objects.map(({ declared }) => readLive(declared, options)));
  const drifted = await driftedObjects(compared.objects, live, options);
  const written = compared.objects.filter((object) => isWritten(object, options));
  const results = await dryRun(written.map(({ declared }) => declared), options);
  const resultOf = new Map(written.map((object, i) => [object, results[i]]));
  const objects = compared.objects.flatMap((object, i) => {
    const hasDrifted = drifted.has(object);
    const result = resultOf.get(object);
    if (result) return [writtenObject(object, live[i], result, hasDrifted)];
    return object.after ? [object] : goneObject(object, live[i], { label: labelOf(compared.application), hasDrifted });
  });
  return { ...compared, objects };
}

const isWritten = ({ action, declared: { resource } }: ComparedObject, { served }: LiveOptions): boolean =>
  action !== 'prune' && action !== 'keep' && action !== 'run' && (resource.custom === undefined || served.has(groupResource(resource)));

/** Undefined when it is not there; the API's refusal to say, too, is that it is not known. */
async function readLive({ resource, object }: DeclaredObject, { client, signal }: LiveOptions): Promise<KubeObject | undefined> {
  try {
    return await client.get(resource, { ...(resource.namespaced ? { namespace: object.metadata.namespace } : {}), name: object.metadata.name }, { signal });
  } catch (error) {
    if (isStatus(error, 'NotFound', 'Forbidden')) return undefined;
    throw error;
  }
}

const dryRun = (objects: readonly DeclaredObject[], { client, signal }: LiveOptions): Promise<readonly TransactionResult[]> =>
  submitTransaction(client, objects.map(({ object }) => ({ apply: object })), { dryRun: true, signal });

/** Objects that would change if base were applied again: others have changed them. */
async function driftedObjects(objects: readonly ComparedObject[], live: readonly (KubeObject | undefined)[], options: LiveOptions): Promise<ReadonlySet<ComparedObject>> {
  const present = objects.map((object, i) => ({ object, live: live[i] })).filter((entry) => entry.object.formerly && entry.live);
  const results = await dryRun(present.flatMap(({ object: { formerly } }) => (formerly ? [formerly] : [])), options);
  return new Set(present.filter((entry, i) => {
    const after = results[i]?.object;
    return after && entry.live && actionOf(entry.live, after) === 'update';
  }).map(({ object }) => object));
}

function writtenObject(object: ComparedObject, before: KubeObject | undefined, { object: after, error }: TransactionResult, hasDrifted: boolean): ComparedObject {
  if (error) return { ...object, before, errors: refusalsOf(object.declared, error), hasDrifted };
  // The server's word goes before what Git alone told.
  return after ? { ...object, before, after, action: actionOf(before, after), errors: [], hasDrifted } : { ...object, before, hasDrifted };
}

/** What is gone already, or is not the application's, is not deleted. */
function goneObject(object: ComparedObject, live: KubeObject | undefined, { label, hasDrifted }: { readonly label: string; readonly hasDrifted: boolean }): readonly ComparedObject[] {
  if (!live) return [];
  const isKept = live.metadata.labels?.[APPLICATION_LABEL] !== label || syncOptions(live).prune === 'keep';
  return [{ ...object, before: live, action: isKept ? 'keep' : object.action, hasDrifted }];
}
