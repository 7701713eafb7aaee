import type { ResourceQuota } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { RESOURCE_QUOTAS } from '#api/resources.ts';
import type { ObjectKey, Write } from '#store/object-store.ts';
import type { CachedObject } from '#watchcache/watch-cache.ts';
import { storedWrite } from '../../storage/object-write.ts';

type Quota = ResourceQuota & KubeObject;
interface Entry { readonly quota: Quota; readonly revision: number }

/** What one store transaction takes of quotas: charges of several objects to one quota become one write, which expects the quota as it was read. */
export class QuotaLedger {
  readonly #entries = new Map<string, Entry>();

  /** The quota with what was charged so far. */
  read(cached: CachedObject): Quota {
    return this.#entries.get(keyOf(cached.object))?.quota ?? (cached.object as Quota);
  }

  charge(cached: CachedObject, used: NonNullable<Quota['status']>['used']): void {
    const quota = this.read(cached);
    const revision = this.#entries.get(keyOf(quota))?.revision ?? cached.revision;
    this.#entries.set(keyOf(quota), { revision, quota: { ...quota, status: { ...quota.status, used } } as Quota });
  }

  writes(): readonly Write[] {
    return [...this.#entries.values()].map(({ quota, revision }) => storedWrite(RESOURCE_QUOTAS, 'put', quota, revision));
  }

  /** The writes with the charges after them; of a quota that they write themselves, its new state is charged. */
  join(writes: readonly Write[]): readonly Write[] {
    if (this.#entries.size === 0) return writes;
    const rest = new Map(this.#entries);
    const joined = writes.map((write) => {
      const entry = write.key.resource === 'resourcequotas' ? rest.get(nameOf(write.key)) : undefined;
      if (entry === undefined) return write;
      rest.delete(nameOf(write.key));
      return write.type === 'delete' ? write : storedWrite(RESOURCE_QUOTAS, 'put', withUsed(JSON.parse(write.value) as Quota, entry.quota), write.expect);
    });
    return [...joined, ...this.writes().filter(({ key }) => rest.has(nameOf(key)))];
  }
}

const withUsed = (quota: Quota, { status }: Quota): Quota => ({ ...quota, status: { ...quota.status, used: status?.used } }) as Quota;

const keyOf = ({ metadata }: KubeObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;
const nameOf = (key: ObjectKey): string => `${key.namespace}/${key.name}`;
