import type { KubeObject } from '#api/object.ts';
import { FRONT_PROXY_NAME, type Pki } from '../pki/pki.ts';

/** How extension API servers know this one and its users: the authorities and headers to trust. */
export const extensionObjects = ({ ca, frontProxy }: Pick<Pki, 'ca' | 'frontProxy'>): readonly KubeObject[] =>
  [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' }, data: dataOf(ca, frontProxy.ca) } as KubeObject];

const dataOf = (ca: string, proxyCa: string): Readonly<Record<string, string>> => ({
  'client-ca-file': ca, 'requestheader-client-ca-file': proxyCa, 'requestheader-allowed-names': JSON.stringify([FRONT_PROXY_NAME]),
  'requestheader-username-headers': '["X-Remote-User"]', 'requestheader-uid-headers': '["X-Remote-Uid"]', 'requestheader-group-headers': '["X-Remote-Group"]', 'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
});
