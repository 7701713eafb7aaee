import type { Container, ServiceAccount, Volume } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import { isMirrorPod, type PodObject } from '#api/pods.ts';
import type { ResourceType } from '#api/resource-type.ts';
import { SERVICE_ACCOUNTS } from '#api/resources.ts';
import { forbidden, plainError } from '#api/status-error.ts';
import { refersToAny } from '#api/pod-references.ts';
import { POD_TOKEN_SECONDS } from '../authn/service-account-tokens.ts';
import type { Environment } from '../environment.ts';
import { refusedName } from './plugin.ts';
import { unlistedEphemeralSecret, unlistedSecret } from './mountable-secrets.ts';
import { readCached, readFresh } from '../storage/object-reader.ts';

type Account = ServiceAccount & KubeObject;

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const READ_ONLY_MODE = 0o644;
/** A namespace that was made a moment ago gets its default account from a controller: 20 tries of 50 ms. */
const ACCOUNT_TRIES = 20;
const ACCOUNT_RETRY_MS = 50;

/** Names the pod's account, and mounts its token, the CA and the namespace into every container that mounts nothing there. */
export async function withServiceAccount(env: Environment, resource: ResourceType, object: KubeObject): Promise<KubeObject> {
  const pod = object as PodObject;
  if (isMirrorPod(pod)) return pod;
  const name = pod.spec?.serviceAccountName || 'default';
  const account = await findAccount(env, pod.metadata.namespace ?? '', name);
  if (account === undefined) throw forbidden(resource, refusedName({ object: pod }), `error looking up service account ${pod.metadata.namespace ?? ''}/${name}: serviceaccount "${name}" not found`);
  const unlisted = unlistedSecret(pod, name, account);
  if (unlisted !== undefined) throw forbidden(resource, refusedName({ object: pod }), unlisted);
  const named = { ...pod, spec: { ...pod.spec, serviceAccountName: name, serviceAccount: name, ...pullSecrets(pod, account) } } as PodObject;
  const isMounted = pod.spec?.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return isMounted ? withToken(named, `kube-api-access-${env.randomSuffix(5)}`) : named;
}

/** What is added to a pod that runs may read no more than its account lists. @throws StatusError, as in Kubernetes a plain one for a secret that is not listed */
export async function requireListedSecrets(env: Environment, resource: ResourceType, object: KubeObject): Promise<void> {
  const pod = object as PodObject;
  const { namespace = '', name: podName } = pod.metadata;
  const name = pod.spec?.serviceAccountName ?? '';
  if (name === '') throw forbidden(resource, podName, `no service account specified for pod ${namespace}/${podName}`);
  const account = await findAccount(env, namespace, name);
  if (account === undefined) throw forbidden(resource, podName, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
  const unlisted = unlistedEphemeralSecret(pod, name, account);
  if (unlisted !== undefined) throw plainError(unlisted);
}

/** A mirror pod shows what a node runs by itself, and so gets nothing from the cluster. @throws StatusError Forbidden */
export function requireBareMirror(resource: ResourceType, object: KubeObject): void {
  const pod = object as PodObject;
  const problem = isMirrorPod(pod) ? mirrorProblem(pod) : undefined;
  if (problem !== undefined) throw forbidden(resource, refusedName({ object: pod }), problem);
}

function mirrorProblem(pod: PodObject): string | undefined {
  if (pod.spec?.serviceAccountName) return 'a mirror pod may not reference service accounts';
  if (refersToAny(pod, 'secret')) return 'a mirror pod may not reference secrets';
  const hasToken = (pod.spec?.volumes ?? []).some(({ projected }) => projected?.sources?.some((source) => source.serviceAccountToken !== undefined));
  return hasToken ? 'a mirror pod may not use ServiceAccountToken volume projections' : undefined;
}

async function findAccount(env: Environment, namespace: string, name: string): Promise<Account | undefined> {
  for (let attempt = 0; ; attempt++) {
    const found = readCached(env.cache, SERVICE_ACCOUNTS, namespace, name) ?? (await readFresh(env.cache, SERVICE_ACCOUNTS, namespace, name));
    if (found !== undefined || name !== 'default' || attempt === ACCOUNT_TRIES) return found?.object as Account | undefined;
    await env.clock.sleep(ACCOUNT_RETRY_MS);
  }
}

const pullSecrets = (pod: PodObject, account: Account): object =>
  ((pod.spec?.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets ? { imagePullSecrets: account.imagePullSecrets } : {});

function withToken(pod: PodObject, volumeName: string): KubeObject {
  const existing = (pod.spec?.volumes ?? []).find((v) => v.name.startsWith('kube-api-access-'));
  const name = existing?.name ?? volumeName;
  const needsMount = (c: Container): boolean => !(c.volumeMounts ?? []).some((m) => m.mountPath === MOUNT_PATH);
  const mount = (c: Container): Container => (needsMount(c) ? { ...c, volumeMounts: [...(c.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }] } : c);
  const all = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  if (!all.some(needsMount)) return pod;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: (pod.spec?.containers ?? []).map(mount),
      ...(pod.spec?.initContainers ? { initContainers: pod.spec.initContainers.map(mount) } : {}),
      volumes: existing ? pod.spec?.volumes : [...(pod.spec?.volumes ?? []), tokenVolume(name)],
    },
  } as KubeObject;
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: READ_ONLY_MODE,
      sources: [
        { serviceAccountToken: { expirationSeconds: POD_TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  } as Volume;
}
