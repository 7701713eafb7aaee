import type { KubeObject } from '#api/object.ts';
import { FRONT_PROXY_NAME, type Pki } from '../pki/pki.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';
const RBAC = 'rbac.authorization.k8s.io';
const READER = `${NAME}-reader`;
const MAINTAINED = { labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' }, annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } };

/** How extension API servers know this one and its users: the authorities and headers to trust, and the right to read of them. */
export function extensionObjects({ ca, frontProxy }: Pick<Pki, 'ca' | 'frontProxy'>): readonly KubeObject[] {
  const role = {
    apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: { name: READER, namespace: NAMESPACE, ...MAINTAINED },
    rules: [{ apiGroups: [''], resources: ['configmaps'], resourceNames: [NAME], verbs: ['get', 'list', 'watch'] }],
  };
  const binding = {
    apiVersion: `${RBAC}/v1`, kind: 'RoleBinding', metadata: { name: `system::${READER}`, namespace: NAMESPACE, ...MAINTAINED },
    subjects: ['system:kube-controller-manager', 'system:kube-scheduler'].map((name) => ({ kind: 'User', apiGroup: RBAC, name })), roleRef: { apiGroup: RBAC, kind: 'Role', name: READER },
  };
  return [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: NAME, namespace: NAMESPACE }, data: dataOf(ca, frontProxy.ca) } as KubeObject, role, binding];
}

const dataOf = (ca: string, proxyCa: string): Readonly<Record<string, string>> => ({
  'client-ca-file': ca, 'requestheader-client-ca-file': proxyCa, 'requestheader-allowed-names': JSON.stringify([FRONT_PROXY_NAME]),
  'requestheader-username-headers': '["X-Remote-User"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
});
