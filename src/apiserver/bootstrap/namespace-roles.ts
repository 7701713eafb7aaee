import type { PolicyRule, Subject } from '#api/generated/rbac/v1.ts';
import { EVENTS_RULE, READ, rule } from './rules.ts';

export interface NamespaceRoleFacts {
  readonly namespace: 'kube-system' | 'kube-public';
  readonly name: string;
  readonly rules: readonly PolicyRule[];
  /** Name of the binding, by default the role's. */
  readonly binding?: string;
  readonly subjects: readonly Subject[];
}

const RBAC = 'rbac.authorization.k8s.io';
const user = (name: string): Subject => ({ kind: 'User', apiGroup: RBAC, name });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });
const leaderLock = (holder: string): readonly PolicyRule[] => [
  rule('watch', 'core', 'configmaps'), rule('get,update', 'core', 'configmaps', holder),
  rule('get,watch,list,create,update', 'coordination.k8s.io', 'leases'), rule('get,watch,list,create,update', 'coordination.k8s.io', 'leasecandidates'),
];

/** The roles that Kubernetes has in its own namespaces from the start, and who holds them. */
export const NAMESPACE_ROLE_FACTS: readonly NamespaceRoleFacts[] = [
  {
    namespace: 'kube-system', name: 'extension-apiserver-authentication-reader', binding: 'system::extension-apiserver-authentication-reader',
    rules: [rule(READ, 'core', 'configmaps', 'extension-apiserver-authentication')], subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
  { namespace: 'kube-system', name: 'system:controller:bootstrap-signer', rules: [rule(READ, 'core', 'secrets')], subjects: [account('bootstrap-signer')] },
  { namespace: 'kube-system', name: 'system:controller:cloud-provider', rules: [rule('create,get,list,watch', 'core', 'configmaps')], subjects: [account('cloud-provider')] },
  { namespace: 'kube-system', name: 'system:controller:token-cleaner', rules: [rule('get,list,watch,delete', 'core', 'secrets'), EVENTS_RULE], subjects: [account('token-cleaner')] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-controller-manager', rules: leaderLock('kube-controller-manager'), subjects: [user('system:kube-controller-manager'), account('kube-controller-manager')] },
  { namespace: 'kube-system', name: 'system::leader-locking-kube-scheduler', rules: leaderLock('kube-scheduler'), subjects: [user('system:kube-scheduler'), account('kube-scheduler')] },
  {
    namespace: 'kube-public', name: 'system:controller:bootstrap-signer',
    rules: [rule(READ, 'core', 'configmaps'), rule('update', 'core', 'configmaps', 'cluster-info'), EVENTS_RULE], subjects: [account('bootstrap-signer')],
  },
];
