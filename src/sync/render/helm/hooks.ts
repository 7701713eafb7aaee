import type { KubeObject } from '#api/object.ts';

const HOOK_ANNOTATION = 'helm.sh/hook';
/** When a hook runs; empty for an object that is kept. Definitions of the days before `crds/` are kept, too. */
export function hooksOf({ metadata }: KubeObject): readonly string[] {
  const names = (metadata.annotations?.[HOOK_ANNOTATION] ?? '').split(',').map((name) => name.trim()).filter((name) => name !== '');
  return names.includes('crd-install') ? [] : names;
}
