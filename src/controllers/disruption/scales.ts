import type { APIResourceList, OwnerReference } from '#api/generated/meta/v1.ts';
import type { Scale } from '#api/generated/autoscaling/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { groupResource } from '#api/resource-type.ts';
import { isStatus } from '#api/status-error.ts';
import type { Client } from '#client/client.ts';

/** What the scale of an object says: undefined for one that is not there, or is another of that name. */
export type ScaleAnswer = { readonly replicas: number } | { readonly problem: string } | undefined;

export interface ScaleQuestion {
  readonly client: Client;
  readonly namespace: string;
  readonly reference: OwnerReference;
  readonly signal: AbortSignal;
}

/** Asks an object of any kind, custom ones included, how many replicas it wants. */
export async function readScale({ client, namespace, reference, signal }: ScaleQuestion): Promise<ScaleAnswer> {
  const [version = '', group = ''] = reference.apiVersion.split('/').toReversed();
  const base = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const resources = ((await found(client.raw(base, { signal }))) as APIResourceList | undefined)?.resources ?? [];
  const plural = resources.find(({ kind, name }) => kind === reference.kind && !name.includes('/'))?.name;
  if (plural === undefined) return undefined;
  if (!resources.some(({ name }) => name === `${plural}/scale`)) return { problem: `${groupResource({ group, plural })} does not implement the scale subresource` };
  const scale = (await found(client.raw(`${base}/namespaces/${namespace}/${plural}/${reference.name}/scale`, { signal }))) as (Scale & KubeObject) | undefined;
  return scale?.metadata.uid === reference.uid ? { replicas: scale.spec?.replicas ?? 0 } : undefined;
}

const found = (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch((error: unknown) => {
    if (isStatus(error, 'NotFound')) return undefined;
    throw error;
  });
