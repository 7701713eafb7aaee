import type { KeyPairPem } from './certificates.ts';

/** A kubeconfig (JSON, which is YAML too) with one cluster and one user. */
export function kubeconfigFor(options: { readonly server: string; readonly ca: string; readonly user: KeyPairPem & { readonly name: string } }): string {
  const { server, ca, user } = options;
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'headway',
    clusters: [{ name: 'headway', cluster: { server, 'certificate-authority-data': base64(ca) } }],
    users: [{ name: user.name, user: { 'client-certificate-data': base64(user.cert), 'client-key-data': base64(user.key) } }],
    contexts: [{ name: 'headway', context: { cluster: 'headway', user: user.name } }],
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}
