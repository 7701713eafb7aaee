import type { SyncedObject } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { wordsOf } from '../apply/sync-options.ts';

export type HookPhase = NonNullable<SyncedObject['hook']>;
export type HookDeletion = 'BeforeHookCreation' | 'HookSucceeded' | 'HookFailed';

/** An object that a sync, or the deletion of its Application, runs at a point of its course, rather than keeps. */
export interface HookDeclaration {
  /** Empty for one that is never run: a test, or what belongs to a rollback. */
  readonly phases: readonly HookPhase[];
  /** When its object is deleted. */
  readonly deletions: ReadonlySet<HookDeletion>;
}

/** Ours count before Argo CD's, and those before Helm's. */
const OWN = ['headway.dev/hook', 'headway.dev/hook-delete-policy'] as const;
const ARGO = ['argocd.argoproj.io/hook', 'argocd.argoproj.io/hook-delete-policy'] as const;
const HELM = ['helm.sh/hook', 'helm.sh/hook-delete-policy'] as const;

const PHASES: Readonly<Record<string, HookPhase | undefined>> = { PreSync: 'PreSync', Sync: 'Sync', PostSync: 'PostSync', SyncFail: 'SyncFail', PreDelete: 'PreDelete', PostDelete: 'PostDelete' };
/** A sync is no first installation and no upgrade: both of Helm's words mean the same to it. */
const HELM_PHASES: Readonly<Record<string, HookPhase | undefined>> = { 'pre-install': 'PreSync', 'pre-upgrade': 'PreSync', 'post-install': 'PostSync', 'post-upgrade': 'PostSync', 'pre-delete': 'PreDelete', 'post-delete': 'PostDelete' };
const DELETIONS: Readonly<Record<string, HookDeletion | undefined>> = {
  BeforeHookCreation: 'BeforeHookCreation', HookSucceeded: 'HookSucceeded', HookFailed: 'HookFailed',
  'before-hook-creation': 'BeforeHookCreation', 'hook-succeeded': 'HookSucceeded', 'hook-failed': 'HookFailed',
};
/** Argo CD's word for an object that is neither run nor kept. */
const SKIP = 'Skip';

/** Undefined for an object that is kept. Words that are unknown are left out; see {@link hookProblem}. */
export function hookOf({ metadata }: Pick<KubeObject, 'metadata'>): HookDeclaration | undefined {
  const annotations = metadata.annotations ?? {};
  const source = [OWN, ARGO, HELM].find(([hook]) => wordsOf(annotations[hook]).size > 0);
  if (!source) return undefined;
  const words = [...wordsOf(annotations[source[0]])];
  // Definitions of the days before `crds/` are kept, as any object.
  if (source === HELM && words.includes('crd-install')) return undefined;
  const phases = words.flatMap((word) => (source === HELM ? HELM_PHASES : PHASES)[word] ?? []);
  const deletions = [...wordsOf(annotations[source[1]])].flatMap((word) => DELETIONS[word] ?? []);
  return { phases: [...new Set(phases)], deletions: new Set(deletions.length > 0 ? deletions : ['BeforeHookCreation']) };
}

/** A word that means nothing would leave out a migration without a word: the field and what is wrong with it. Helm ignores unknown ones, and so do we. */
export function hookProblem({ metadata }: Pick<KubeObject, 'metadata'>): { readonly field: string; readonly message: string } | undefined {
  for (const [name] of [OWN, ARGO]) {
    const unknown = [...wordsOf(metadata.annotations?.[name])].find((word) => PHASES[word] === undefined && word !== SKIP);
    if (unknown !== undefined) return { field: `metadata.annotations[${name}]`, message: `metadata.annotations: ${name}: ${JSON.stringify(unknown)} is none of ${Object.keys(PHASES).join(', ')}` };
  }
  return undefined;
}

/** Whether it runs when its Application is deleted, and not in a sync. */
export const isOfDeletion = (phase: HookPhase): phase is 'PreDelete' | 'PostDelete' => phase === 'PreDelete' || phase === 'PostDelete';

/** Helm orders its hooks by weight where others have waves. */
export const HELM_WEIGHT = 'helm.sh/hook-weight';
