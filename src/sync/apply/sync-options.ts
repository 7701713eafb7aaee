import type { KubeObject } from '#api/object.ts';

const ARGO_OPTIONS = 'argocd.argoproj.io/sync-options';
const PRUNE = 'headway.dev/prune';
const FLUX = 'kustomize.toolkit.fluxcd.io/';
const HELM_POLICY = 'helm.sh/resource-policy';

/** What annotations of an object ask of sync. Argo CD's, Flux's, Helm's and our own words are understood. */
export interface SyncOptions {
  /** When Git no longer names it: delete it, keep it, or ask a person first. */
  readonly prune: 'delete' | 'keep' | 'confirm';
  /** When the Application is deleted: go with it, stay, or ask a person first. */
  readonly delete: 'delete' | 'keep' | 'confirm';
  /** Deleted and made anew: when a change of it is refused, as that of an immutable field is, or at every change. */
  readonly recreates: 'never' | 'whenRefused' | 'whenChanged';
  /** What others have set on it goes at each change. */
  readonly replaces: boolean;
  /** Left out, and not an error, as long as its kind is not served. */
  readonly awaitsKind: boolean;
  /** Fields that its kind does not know are left out, rather than refused. */
  readonly isLenient: boolean;
  /** `ignored` is neither applied nor healed; `once` only made, then left to others. */
  readonly apply: 'always' | 'once' | 'ignored';
}

const DEFAULTS: SyncOptions = { prune: 'delete', delete: 'delete', recreates: 'never', replaces: false, isLenient: false, awaitsKind: false, apply: 'always' };

export function syncOptions({ metadata: { annotations } }: Pick<KubeObject, 'metadata'>): SyncOptions {
  if (!annotations) return DEFAULTS;
  const argo = wordsOf(annotations[ARGO_OPTIONS]);
  const isKept = annotations[PRUNE] === 'disabled' || annotations[`${FLUX}prune`] === 'disabled' || annotations[HELM_POLICY] === 'keep' || argo.has('Prune=false');
  const isConfirmed = annotations[PRUNE] === 'confirm' || argo.has('Prune=confirm');
  const ssa = annotations[`${FLUX}ssa`]?.toLowerCase();
  const isForced = argo.has('Force=true') || annotations[`${FLUX}force`]?.toLowerCase() === 'enabled';
  const isIgnored = annotations[`${FLUX}reconcile`] === 'disabled' || ssa === 'ignore';
  return {
    prune: isKept ? 'keep' : isConfirmed ? 'confirm' : 'delete',
    delete: isKept || argo.has('Delete=false') ? 'keep' : argo.has('Delete=confirm') ? 'confirm' : 'delete',
    recreates: isForced ? (argo.has('Replace=true') ? 'whenChanged' : 'whenRefused') : 'never',
    replaces: argo.has('Replace=true') && !isForced,
    isLenient: argo.has('Validate=false'),
    awaitsKind: argo.has('SkipDryRunOnMissingResource=true'),
    apply: isIgnored ? 'ignored' : ssa === 'ifnotpresent' ? 'once' : 'always',
  };
}

/** On an Application: its destination namespace is made when Git does not declare it. */
export const createsNamespace = ({ metadata }: Pick<KubeObject, 'metadata'>): boolean => wordsOf(metadata.annotations?.[ARGO_OPTIONS]).has('CreateNamespace=true');

/** The words of a list with commas; none of a value that is no text. */
export const wordsOf = (text: unknown): ReadonlySet<string> => new Set(typeof text === 'string' ? text.split(',').map((word) => word.trim()).filter((word) => word !== '') : []);
