import type { KubeObject } from '#api/object.ts';

const HOOK_ANNOTATION = 'helm.sh/hook';
/** Never part of a sync: run by `helm test` and `helm rollback` only. */
const OUTSIDE_OF_SYNC: ReadonlySet<string> = new Set(['test', 'test-success', 'test-failure', 'pre-rollback', 'post-rollback']);

/** When a hook runs; empty for an object that is kept. Definitions of the days before `crds/` are kept, too. */
export function hooksOf({ metadata }: KubeObject): readonly string[] {
  const names = (metadata.annotations?.[HOOK_ANNOTATION] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  return names.includes('crd-install') ? [] : names;
}

/** Those of the hooks that a sync would have to run. */
export const hooksOfSync = (hooks: readonly string[]): readonly string[] => hooks.filter((name) => !OUTSIDE_OF_SYNC.has(name));
