import { readCertificateRequest } from '#api/certificates/certificate-request.ts';
import { NODE_CLIENT_SIGNER, NODE_SERVING_SIGNER } from '#api/certificates/signers.ts';
import { asError } from '#base/errors.ts';
import type { TokenRequest } from '#api/generated/authentication/v1.ts';
import type { CertificateSigningRequest } from '#api/generated/certificates/v1.ts';
import type { Node } from '#api/generated/core/v1.ts';
import type { ResourceSlice } from '#api/generated/resource/v1.ts';
import { RESTORED_AT_ANNOTATION } from '#api/headway/v1/types.ts';
import type { KubeObject } from '#api/object.ts';
import { MIRROR_ANNOTATION, isMirrorPod, type PodObject } from '#api/pods.ts';
import { groupResource } from '#api/resource-type.ts';
import { PODS } from '#api/resources.ts';
import { forbidden, notFound, type StatusError } from '#api/status-error.ts';
import { nodeNameOf } from '../authz/node-identity.ts';
import { claimNames, refersToAny } from '#api/pod-references.ts';
import { trusted } from '../authz/restored-pods.ts';
import type { Environment } from '../environment.ts';
import { isEqual } from '../storage/equality.ts';
import { forbiddenLabels } from './node-labels.ts';
import type { AdmissionRequest } from './plugin.ts';

type Check = (request: AdmissionRequest, node: string, env: Environment) => string | undefined;

const CERTIFICATE_REQUESTS = 'certificatesigningrequests.certificates.k8s.io';
const text = (value: string): string => JSON.stringify(value);

/** A node writes only itself, its lease, and the pods that run on it, and of these only what belongs to it. @throws StatusError Forbidden */
export function restrictNode(request: AdmissionRequest, env: Environment): void | Promise<void> {
  const node = nodeNameOf(request.context.user);
  if (node === undefined) return;
  if (node !== '' && request.operation === 'CREATE' && groupResource(request.resource) === CERTIFICATE_REQUESTS) return requireOwnName(request, node);
  const problem = node === '' ? `could not determine node from user ${text(request.context.user.name)}` : CHECKS[groupResource(request.resource)]?.(request, node, env);
  if (problem !== undefined) throw refusal(request, problem);
}

/** A certificate as a node is for the node that asks for it; of the rest its signer takes care. */
async function requireOwnName(request: AdmissionRequest, node: string): Promise<void> {
  const { signerName, request: csr } = (request.object as CertificateSigningRequest & KubeObject).spec;
  if (signerName !== NODE_SERVING_SIGNER && signerName !== NODE_CLIENT_SIGNER) return;
  const { commonName } = await readCertificateRequest(csr).catch((error: unknown) => {
    throw refusal(request, `unable to parse csr: ${asError(error).message}`);
  });
  if (commonName !== `system:node:${node}`) throw refusal(request, `can only create a node CSR with CN=system:node:${node}`);
}

const refusal = ({ resource, name }: AdmissionRequest, why: string): StatusError => forbidden(resource, name, why);

const CHECKS: Readonly<Record<string, Check>> = {
  pods: (request, node, env) => {
    switch (request.subresource) {
      case '': return podProblem(request, node, env);
      case 'status': return podStatusProblem(request, node);
      case 'eviction': return isOn(existingPod(env, request.namespace, request.name), node) ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
      default: return `unexpected pod subresource ${text(request.subresource)}, only 'status' and 'eviction' are allowed`;
    }
  },
  nodes: nodeProblem,
  persistentvolumeclaims: claimProblem,
  serviceaccounts: tokenProblem,
  'leases.coordination.k8s.io': ({ operation, name, namespace }, node) => {
    if (operation === 'CREATE' && namespace !== 'kube-node-lease') return 'can only create leases in the "kube-node-lease" system namespace';
    return name === node ? undefined : 'can only access node lease with the same name as the requesting node';
  },
  'csinodes.storage.k8s.io': ({ name }, node) => (name === node ? undefined : 'can only access CSINode with the same name as the requesting node'),
  'resourceslices.resource.k8s.io': ({ operation, object, live }, node) => {
    const slice = (operation === 'CREATE' ? object : live) as (ResourceSlice & KubeObject) | undefined;
    return slice?.spec.nodeName === node ? undefined : `can only ${operation.toLowerCase()} ResourceSlice with the same NodeName as the requesting node`;
  },
};

/** @throws StatusError NotFound, by which a node knows that there is nothing left to do for the pod */
function existingPod({ cache }: Environment, namespace: string, name: string): PodObject {
  const pod = cache.get('pods', namespace, name)?.object as PodObject | undefined;
  if (pod === undefined) throw notFound(PODS, name);
  return pod;
}

const isOn = (pod: KubeObject | undefined, node: string): boolean => (pod as PodObject | undefined)?.spec?.nodeName === node;

function podProblem(request: AdmissionRequest, node: string, env: Environment): string | undefined {
  switch (request.operation) {
    case 'CREATE': return mirrorProblem(request.object as PodObject, node, env);
    case 'DELETE': return isOn(request.live, node) ? undefined : `node ${text(node)} can only delete pods with spec.nodeName set to itself`;
    default: return `unexpected operation ${text(request.operation)}, node ${text(node)} can only create and delete mirror pods`;
  }
}

/** A mirror pod shows what the node runs by itself, and so gives it nothing to read. */
function mirrorProblem(pod: PodObject, node: string, env: Environment): string | undefined {
  const itself = `node ${text(node)}`;
  if (!isMirrorPod(pod)) return `pod does not have ${text(MIRROR_ANNOTATION)} annotation, ${itself} can only create mirror pods`;
  if (!isOn(pod, node)) return `${itself} can only create pods with spec.nodeName set to itself`;
  const owners = pod.metadata.ownerReferences ?? [];
  const [owner] = owners;
  if (owners.length > 1) return `${itself} can only create pods with a single owner reference set to itself`;
  if (owner === undefined || owner.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== node) return `${itself} can only create pods with an owner reference set to itself`;
  if (owner.controller !== true) return `${itself} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `${itself} must not set blockOwnerDeletion on an owner reference`;
  const uid = env.cache.get('nodes', '', node)?.object.metadata.uid;
  if (uid !== owner.uid) return `node ${node} UID mismatch: expected ${owner.uid} got ${uid ?? ''}`;
  const reference = referenceOf(pod);
  return reference === undefined ? undefined : `${itself} can not create pods that reference ${reference}`;
}

/** The first kind of other objects that the pod names. */
function referenceOf(pod: PodObject): string | undefined {
  const { spec } = pod;
  if (spec?.serviceAccountName) return 'a service account';
  if (refersToAny(pod, 'secret')) return 'secrets';
  if (refersToAny(pod, 'configMap')) return 'configmaps';
  if ((spec?.volumes ?? []).some((v) => v.projected?.sources?.some((s) => s.clusterTrustBundle))) return 'clustertrustbundles';
  if ((spec?.resourceClaims ?? []).length > 0) return 'resourceclaims';
  return claimNames(pod).length > 0 ? 'persistentvolumeclaims' : undefined;
}

function podStatusProblem({ operation, object, live }: AdmissionRequest, node: string): string | undefined {
  if (operation !== 'UPDATE') return `unexpected operation ${text(operation)}`;
  const [pod, old] = [object as PodObject, live as PodObject];
  if (!isOn(old, node)) return `node ${text(node)} can only update pod status for pods with spec.nodeName set to itself`;
  if (!isEqual(pod.metadata.labels ?? {}, old.metadata.labels ?? {})) return `node ${text(node)} cannot update labels through pod status`;
  if (pod.metadata.annotations?.[RESTORED_AT_ANNOTATION] !== old.metadata.annotations?.[RESTORED_AT_ANNOTATION]) return `node ${text(node)} cannot update annotation ${text(RESTORED_AT_ANNOTATION)}`;
  if (!isEqual(pod.status?.resourceClaimStatuses ?? [], old.status?.resourceClaimStatuses ?? [])) return `node ${text(node)} cannot update resource claim statues`;
  if (!isEqual(pod.status?.extendedResourceClaimStatus, old.status?.extendedResourceClaimStatus)) return `node ${text(node)} cannot update extended resource claim status`;
  return undefined;
}

function nodeProblem({ operation, name, object, live }: AdmissionRequest, node: string): string | undefined {
  if (name !== node) return `node ${text(node)} is not allowed to modify node ${text(name)}`;
  const [own, old] = [object as (Node & KubeObject) | undefined, live as (Node & KubeObject) | undefined];
  if (own === undefined) return undefined;
  const labels = forbiddenLabels(own.metadata.labels, old?.metadata.labels);
  if (operation === 'CREATE') return labels.length === 0 ? undefined : `node ${text(node)} is not allowed to set the following labels: ${labels.join(', ')}`;
  if (!isEqual(own.spec?.taints ?? [], old?.spec?.taints ?? [])) return `node ${text(node)} is not allowed to modify taints`;
  if (labels.length > 0) return `is not allowed to modify labels: ${labels.join(', ')}`;
  return isEqual(own.metadata.ownerReferences ?? [], old?.metadata.ownerReferences ?? []) ? undefined : `node ${text(node)} is not allowed to modify ownerReferences`;
}

const CLAIM_STATUS: readonly string[] = ['capacity', 'conditions', 'allocatedResources', 'allocatedResourceStatuses'];

function claimProblem({ operation, subresource, object, live }: AdmissionRequest, node: string): string | undefined {
  if (subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation ${text(operation)}`;
  const rest = (claim: KubeObject | undefined): unknown => {
    const { metadata, status = {}, ...others } = claim as KubeObject & { readonly status?: Readonly<Record<string, unknown>> };
    const { resourceVersion: _, managedFields: _m, ...kept } = metadata;
    return { ...others, metadata: kept, status: Object.fromEntries(Object.entries(status).filter(([key]) => !CLAIM_STATUS.includes(key))) };
  };
  return isEqual(rest(object), rest(live)) ? undefined : `node ${text(node)} is not allowed to update fields other than status.quantity and status.conditions`;
}

/** A node's tokens are for the pods that run on it. Without an audience of theirs they are for this server only, which every pod may have. */
function tokenProblem({ operation, subresource, namespace, object }: AdmissionRequest, node: string, env: Environment): string | undefined {
  if (operation !== 'CREATE' || subresource !== 'token') return undefined;
  const { boundObjectRef: bound, audiences = [] } = (object as unknown as TokenRequest).spec ?? {};
  if (bound?.kind !== 'Pod' || bound.apiVersion !== 'v1' || !bound.name) return 'node requested token not bound to a pod';
  if (!bound.uid) return 'node requested token with a pod binding without a uid';
  const pod = existingPod(env, namespace, bound.name);
  if (pod.metadata.uid !== bound.uid) return `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences';
  const [audience = ''] = audiences;
  if (audience === '' || projectedAudiences(trusted(env.cache, pod)).has(audience) || mayRequest(env, audience, namespace, pod, node)) return undefined;
  return `audience ${text(audience)} not found in pod spec volume, system:node:${node} is not authorized to request tokens for this audience`;
}

/** `''` stands for this server. */
function projectedAudiences({ spec }: PodObject): ReadonlySet<string> {
  const projected = (spec?.volumes ?? []).flatMap((v) => v.projected?.sources ?? []).flatMap((s) => (s.serviceAccountToken ? [s.serviceAccountToken.audience ?? ''] : []));
  return new Set(projected);
}

function mayRequest(env: Environment, audience: string, namespace: string, pod: PodObject, node: string): boolean {
  return env.authorizer.authorize({
    user: { name: `system:node:${node}`, groups: ['system:nodes', 'system:authenticated'] }, verb: 'request-serviceaccounts-token-audience', isResource: true, group: '', resource: audience,
    subresource: '', namespace, name: pod.spec?.serviceAccountName ?? '', path: '',
  }).isAllowed;
}
