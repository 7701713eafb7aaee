import { APPLICATION_SET_LABEL, type Application } from '#api/headway/v1/types.ts';
import { joinKey, keyOf } from '#api/object.ts';
import { APPLICATIONS } from '#api/resources.ts';
import type { ComparedApplication } from './compare-application.ts';
import type { RevisionSide } from './revision-side.ts';

/** Applications that head no longer declares and that are not deleted all the same, by name, each with the reason. */
export function leftBehind(compared: readonly ComparedApplication[], { base, head }: Readonly<Record<'base' | 'head', Pick<RevisionSide, 'sets'>>>): ReadonlyMap<string, string> {
  const kept = new Set(compared.flatMap(({ objects }) => objects.filter(({ action, declared }) => action === 'keep' && declared.resource === APPLICATIONS).map(({ declared }) => keyOf(declared.object))));
  const reasonFor = ({ name, application }: ComparedApplication): string | undefined => {
    if (kept.has(name)) return 'it is protected from pruning';
    const set = setOf(application);
    // As long as it is there its newest word counts; without it, what it made last.
    const mode = set && (head.sets.get(set) ?? base.sets.get(set))?.spec.deletion?.mode;
    return mode === 'Orphan' ? `deletion.mode of ApplicationSet ${set} is Orphan` : undefined;
  };
  return new Map(compared.filter(({ change }) => change === 'Deleted').flatMap((one): readonly (readonly [string, string])[] => {
    const reason = reasonFor(one);
    return reason === undefined ? [] : [[one.name, reason]];
  }));
}

function setOf({ metadata }: Application): string | undefined {
  const name = metadata.labels?.[APPLICATION_SET_LABEL];
  return name && joinKey(metadata.namespace, name);
}
