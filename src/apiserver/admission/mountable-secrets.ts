import type { Container, Pod, ServiceAccount } from '#api/generated/core/v1.ts';
import { goBool } from '#api/go-bool.ts';

const ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

/** Which secret of the pod its account does not list, when the account's annotation says that it must; worded as Kubernetes does. */
export function unlistedSecret(pod: Pod, name: string, account: ServiceAccount): string | undefined {
  const listed = listedBy(account);
  if (listed === undefined) return undefined;
  const pulls = new Set((account.imagePullSecrets ?? []).map((secret) => secret.name));
  const suffix = suffixOf(name);
  const volume = (pod.spec?.volumes ?? []).find((v) => v.secret !== undefined && !listed.has(v.secret.secretName));
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName ?? ''}" ${suffix}`;
  const kinds = { 'init container': pod.spec?.initContainers, container: pod.spec?.containers } as const;
  for (const [kind, containers] of Object.entries(kinds)) for (const container of containers ?? []) {
    const found = inEnvironment(container, listed);
    if (found) return `${kind} ${container.name} with ${found} ${suffix}`;
  }
  const pull = (pod.spec?.imagePullSecrets ?? []).findIndex((secret) => !pulls.has(secret.name));
  return pull < 0 ? undefined : `imagePullSecrets[${pull}].name="${pod.spec?.imagePullSecrets?.[pull]?.name ?? ''}" is not allowed because service account ${name} does not reference that imagePullSecret`;
}

/** The same of the containers that are added to a pod that runs. */
export function unlistedEphemeralSecret(pod: Pod, name: string, account: ServiceAccount): string | undefined {
  const listed = listedBy(account);
  if (listed === undefined) return undefined;
  for (const container of (pod.spec?.ephemeralContainers ?? []) as readonly Container[]) {
    const found = inEnvironment(container, listed);
    if (found) return `ephemeral container ${container.name} with ${found} ${suffixOf(name)}`;
  }
  return undefined;
}

/** Undefined when the account does not say that it lists them all. */
const listedBy = ({ metadata, secrets = [] }: ServiceAccount): ReadonlySet<string | undefined> | undefined => (goBool(metadata.annotations?.[ANNOTATION] ?? '') ? new Set(secrets.map((secret) => secret.name)) : undefined);
const suffixOf = (name: string): string => `is not allowed because service account ${name} does not reference that secret`;

function inEnvironment(container: Container, listed: ReadonlySet<string | undefined>): string | undefined {
  const variable = (container.env ?? []).find(({ valueFrom }) => valueFrom?.secretKeyRef !== undefined && !listed.has(valueFrom.secretKeyRef.name));
  if (variable) return `envVar ${variable.name} referencing secret.secretName="${variable.valueFrom?.secretKeyRef?.name ?? ''}"`;
  const source = (container.envFrom ?? []).find(({ secretRef }) => secretRef !== undefined && !listed.has(secretRef.name));
  return source && `envFrom referencing secret.secretName="${source.secretRef?.name ?? ''}"`;
}
