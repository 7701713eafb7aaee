import type { ApplicationIndex } from '../inventory/application-index.ts';
import { applicationFolders } from './application-names.ts';
import type { ApplicationState, Refusal } from './application-state.ts';
import { isUnder } from './attempt.ts';
import type { Due } from './due.ts';
import { hasSamePlainFolders, unaffectedIndex } from './unaffected.ts';

/**
 * Whether what is under way may end under its own commit, as what is due by now changes none of its inputs: commits to other folders would
 * otherwise begin a hook that runs for minutes again and again. A new word of a person, another spec and other ignore rules go before.
 */
export async function leavesAlone(state: Pick<ApplicationState, 'run' | 'planning' | 'application'>, due: Due): Promise<boolean> {
  const { run, planning, application } = state;
  const underWay = run?.due ?? planning;
  if (!underWay || underWay.key === due.key) return underWay !== undefined;
  if (underWay.terms !== due.terms || underWay.request !== due.request) return false;
  const asked = run
    ? unaffectedIndex(run.plan.index, due.tracked)
    : hasSamePlainFolders({ paths: applicationFolders(application), render: application.spec.render ?? {} }, underWay.tracked, due.tracked);
  return Boolean(await asked.catch(unreadable));
}

/** What is applied, as of what is due; undefined when that is something else, or to be looked at in full. */
export async function appliedIndex({ index, applied, isUncertain }: Pick<ApplicationState, 'index' | 'applied' | 'isUncertain'>, due: Due): Promise<ApplicationIndex | undefined> {
  if (!index || isUncertain || due.isManual || !isUnder(applied, due.terms)) return undefined;
  return applied === due.attempt ? index : unaffectedIndex(index, due.tracked).catch(unreadable);
}

/** The refusal as one of what is due, if that is what was refused, be it under another commit; undefined when it is something else, and to be tried. */
export async function refusedFor({ refused }: Pick<ApplicationState, 'refused'>, due: Due): Promise<Refusal | undefined> {
  if (!refused || refused.attempt === due.attempt) return refused;
  if (!refused.index || due.isManual || !isUnder(refused.attempt, due.terms)) return undefined;
  const index = await unaffectedIndex(refused.index, due.tracked).catch(unreadable);
  return index && { ...refused, index, attempt: due.attempt };
}

/** After a force push what was read before may be gone; then everything counts as changed. */
const unreadable = (): undefined => undefined;
