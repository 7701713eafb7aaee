import type { Application, SyncError } from '#api/headway/v1/types.ts';
import type { NamespacedName } from '#api/object.ts';
import type { PrunedObject } from '../apply/applier.ts';
import type { ApplicationState, Leftover } from './application-state.ts';
import type { SyncRun } from './sync-run.ts';
import { DUPLICATE } from './duplicates.ts';
import { leftoversOf } from './steps/leftovers.ts';

/** Until others are looked at again. */
export const HAND_OVER_LOOK_MS = 50;
/** One that takes longer to look at the same commit delays no deletion. */
const PATIENCE_MS = 10_000;

/*
 * What an application no longer declares another one may declare since: a file was moved, an Application renamed. Then it changes hands and is not
 * deleted. So the one that lets go gives up its claim first, deletes when all others that may have the same news have looked at it, and leaves out
 * what is somebody else's by then.
 */

type Known = Pick<ApplicationState, 'context' | 'key' | 'application'>;

/** Others may have these objects from now on. */
export function offer({ context, key }: Known, objects: readonly Leftover[]): void {
  for (const [identity] of objects) context.owners.release(key, identity);
}

/** The sync that was to delete them has ended before it did. */
export function takeBack(state: ApplicationState, run: SyncRun): void {
  const { owners } = state.context;
  for (const [identity, { requiresPruning }] of leftoversOf(state, run.plan)) if (!requiresPruning && owners.holder(state.key, identity) === undefined) owners.claim(state.key, identity);
}

/** Whether another application may still say that it declares one of them. `since` by the monotonic clock. */
export const mayBeTaken = ({ context, application }: Known, since: number): boolean => context.others.arePending(application) && context.clock.monotonic() - since < PATIENCE_MS;

/** Whether what the commit was refused for may be free in a moment: a file that moved is in two applications until both have looked. */
export function mayBeFreed(state: ApplicationState, key: string, errors: readonly SyncError[]): boolean {
  if (!isContested(errors)) return false;
  const { contested } = state;
  state.contested = contested?.key === key ? contested : { key, since: state.context.clock.monotonic() };
  return mayBeTaken(state, state.contested.since);
}

/** Nothing is wrong with the commit but that others have what it declares. */
export const isContested = (errors: readonly SyncError[]): boolean => errors.every(({ reason }) => reason === DUPLICATE);

export interface Taken {
  readonly object: Leftover;
  /** The application that declares it. */
  readonly by: NamespacedName;
  /** It is in that one's inventory. */
  readonly isClaimed: boolean;
}

/** Which of them another application of the namespace declares, be it in a commit that it was refused. Those of other namespaces are others' business: they could keep alive what is not theirs. */
export function taken({ context, key, application }: Known, objects: readonly Leftover[]): readonly Taken[] {
  return objects.flatMap((object) => {
    const [identity] = object;
    const holder = ifBeside(application, context.owners.holder(key, identity));
    const by = holder ?? context.others.declaring(application, identity);
    return by === undefined ? [] : [{ object, by, isClaimed: holder !== undefined }];
  });
}

const ifBeside = ({ metadata: { namespace } }: Application, key: NamespacedName | undefined): NamespacedName | undefined => (key?.startsWith(`${namespace}/`) ? key : undefined);

/** As a record tells it. */
export const keptFor = ({ object: [, entry], by }: Taken): PrunedObject => ({ entry, outcome: 'kept', message: `application ${by} declares it` });
