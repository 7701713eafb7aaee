import type { KubeObject } from '#api/object.ts';
import { FRONT_PROXY_NAME, type Pki } from '../pki/pki.ts';

/** ConfigMap from which extension API servers learn whom to believe: the authorities of users and of the front proxy, and the proxy's headers. */
export function extensionAuthentication({ ca, frontProxy }: Pick<Pki, 'ca' | 'frontProxy'>): KubeObject {
  const list = (...names: readonly string[]): string => JSON.stringify(names);
  const data = {
    'client-ca-file': ca, 'requestheader-client-ca-file': frontProxy.ca, 'requestheader-allowed-names': list(FRONT_PROXY_NAME), 'requestheader-username-headers': list('X-Remote-User'),
    'requestheader-uid-headers': list('X-Remote-Uid'), 'requestheader-group-headers': list('X-Remote-Group'), 'requestheader-extra-headers-prefix': list('X-Remote-Extra-'),
  };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kube-system', name: 'extension-apiserver-authentication' }, data } as KubeObject;
}
