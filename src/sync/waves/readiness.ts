import type { SyncError } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import type { AppliedObject } from '../apply/applier.ts';
import type { DesiredObject } from '../apply/desired-object.ts';
import { healthOf } from '../health/rules.ts';
import { describe } from '../inventory/identity.ts';

/** An object that a wave still waits for. */
export interface Unready {
  readonly desired: DesiredObject;
  readonly message: string;
}

/** What of a wave is not well yet. `live` is a cache: what it has not heard of is not judged by its old state. */
export function unreadyObjects(applied: readonly AppliedObject[], live: (desired: DesiredObject) => KubeObject | undefined): readonly Unready[] {
  return applied.flatMap(({ desired, object }) => {
    const now = live(desired);
    if (now && isOlder(now, object)) return [{ desired, message: 'the change has not been seen yet' }];
    const { status, message } = healthOf(desired.resource, now, { pods: [] });
    return status === 'Healthy' ? [] : [{ desired, message }];
  });
}

function isOlder({ metadata: cached }: KubeObject, { metadata: written }: KubeObject): boolean {
  return cached.uid === written.uid && BigInt(cached.resourceVersion ?? 0) < BigInt(written.resourceVersion ?? 0);
}

/** `Deployment default/web (apps/web.yaml:3): 1 of 2 replicas are updated`. */
export const waitingFor = (unready: readonly Unready[]): string =>
  unready.map(({ desired: { object, source }, message }) => `${describe(object.kind, object.metadata)} (${source.path}:${source.line}): ${message}`).join('; ');

export const unreadyErrors = (unready: readonly Unready[], reason: string, why: string): readonly SyncError[] =>
  unready.map(({ desired: { object, source }, message }) => ({ path: source.path, line: source.line, object: describe(object.kind, object.metadata), reason, message: `${why}: ${message}` }));
