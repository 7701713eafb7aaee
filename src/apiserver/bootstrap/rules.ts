import type { PolicyRule } from '#api/generated/rbac/v1.ts';

export const READ = ['get', 'list', 'watch'] as const;
export const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update'] as const;
export const ALL = ['*'] as const;

/** `rule('get,list', 'apps', 'deployments,replicasets')`; the core group is `''`, several are separated by commas. */
export const rule = (verbs: string | readonly string[], groups: string, resources: string, names?: string): PolicyRule => ({
  verbs: typeof verbs === 'string' ? verbs.split(',') : verbs, apiGroups: groups.split(',').map((g) => (g === 'core' ? '' : g)), resources: resources.split(','),
  ...(names === undefined ? {} : { resourceNames: names.split(',') }),
});
export const EVENTS_RULE: PolicyRule = rule('create,update,patch', 'core,events.k8s.io', 'events');
