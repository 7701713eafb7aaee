import type { Operation } from 'fast-json-patch';
import type { SyncError } from '#api/headway/v1/types.ts';
import { jsonEqual } from '#api/json.ts';
import { describe, type Identity } from '../inventory/identity.ts';
import { changeRecord } from './change-record.ts';
import { declaredObjects, fingerprintAt, type Declared, type DeclaredContext } from './declared.ts';

export interface ObjectChange {
  readonly change: 'Added' | 'Changed' | 'Removed';
  /** `Deployment default/web`. */
  readonly object: string;
  readonly path: string;
  readonly line: number;
  /** Of `Changed`; RFC 6902 from the first revision to the second, values of Secrets hidden. */
  readonly patch: readonly Operation[];
  readonly before?: Declared | undefined;
  readonly after?: Declared | undefined;
}

export type RevisionDiff = { readonly ok: true; readonly changes: readonly ObjectChange[] } | { readonly ok: false; readonly revision: string; readonly errors: readonly SyncError[] };

/** What an application declares otherwise at the second of two commits. Nothing is rendered when all of its inputs are the same. */
export async function diffApplication(context: DeclaredContext, before: string, after: string): Promise<RevisionDiff> {
  const fingerprints = await Promise.all([before, after].map((revision) => fingerprintAt(context, revision)));
  if (fingerprints[0] === fingerprints[1]) return { ok: true, changes: [] };
  const old = await declaredObjects(context, before);
  if (!old.ok) return { ok: false, revision: before, errors: old.errors };
  const now = await declaredObjects(context, after);
  return now.ok ? { ok: true, changes: changesBetween(old.objects, now.objects) } : { ok: false, revision: after, errors: now.errors };
}

/** In the order of kinds and names. */
export function changesBetween(before: ReadonlyMap<Identity, Declared>, after: ReadonlyMap<Identity, Declared>): readonly ObjectChange[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((identity) => {
    const [old, now] = [before.get(identity), after.get(identity)];
    const place = now ?? old;
    if (!place || (old && now && jsonEqual(old.object, now.object))) return [];
    const { object: { kind, metadata }, path, line } = place;
    return [{
      change: !old ? 'Added' : now ? 'Changed' : 'Removed', object: describe(kind, metadata), path, line,
      patch: old && now ? changeRecord(old.object, now.object) : [], before: old, after: now,
    } satisfies ObjectChange];
  });
}
