import type { Action } from './actions.ts';

const CUSTOM_TYPES: readonly string[] = ['application/json', 'application/yaml'];
/** What objects and discovery are served in. */
export const OBJECT_TYPES: readonly string[] = [...CUSTOM_TYPES, 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES: readonly string[] = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const ANY: readonly string[] = ['*/*'];
const CUSTOM_PATCHES: readonly string[] = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const PATCHES: readonly string[] = [...CUSTOM_PATCHES.slice(0, 2), 'application/strategic-merge-patch+json', ...CUSTOM_PATCHES.slice(2)];

/** Media types of what a client sends. */
export function consumed(action: Action, isCustom: boolean): readonly string[] {
  if (action === 'patch') return isCustom ? CUSTOM_PATCHES : PATCHES;
  return isCustom ? CUSTOM_TYPES : ANY;
}

/** Media types of answers. */
export function produced(action: Action, isCustom: boolean): readonly string[] {
  if (isCustom) return CUSTOM_TYPES;
  switch (action) {
    case 'connect': return ANY;
    case 'list': case 'watch': case 'watchlist': return [...OBJECT_TYPES, ...STREAM_TYPES];
    default: return OBJECT_TYPES;
  }
}
