import type { Action } from './actions.ts';

const CUSTOM_TYPES: readonly string[] = ['application/json', 'application/yaml'];
/** What objects and discovery are served in. */
export const OBJECT_TYPES: readonly string[] = [...CUSTOM_TYPES, 'application/vnd.kubernetes.protobuf'];
const STREAM_TYPES: readonly string[] = ['application/json;stream=watch', 'application/vnd.kubernetes.protobuf;stream=watch'];
const ANY: readonly string[] = ['*/*'];
const JSON_PATCHES: readonly string[] = ['application/json-patch+json', 'application/merge-patch+json'];
const APPLY = 'application/apply-patch+yaml';

/** Media types of what a client sends. */
export function consumed(action: Action, isCustom: boolean): readonly string[] {
  if (action === 'patch') return isCustom ? [...JSON_PATCHES, APPLY] : [...JSON_PATCHES, 'application/strategic-merge-patch+json', APPLY];
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
