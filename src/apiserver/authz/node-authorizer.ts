import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/core/v1.ts';
import type { ResourceSlice } from '#api/generated/resource/v1.ts';
import type { VolumeAttachment } from '#api/generated/storage/v1.ts';
import type { PodObject } from '#api/pods.ts';
import { tryParseFieldSelector } from '#api/selectors/fields.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { nodeNameOf } from './node-identity.ts';
import type { NodePods } from './node-pods.ts';
import { NODE_RULES } from './node-rules.ts';
import { claimNames, refersTo, resourceClaimNames } from '#api/pod-references.ts';
import { ruleAllows } from './rules.ts';

const ALLOWED: Decision = { isAllowed: true, reason: '' };
const refused = (reason: string): Decision => ({ isAllowed: false, reason });
const READS: readonly string[] = ['get', 'list', 'watch'];
const OWNS: readonly string[] = ['get', 'create', 'update', 'patch', 'delete'];
const LEASE_NAMESPACE = 'kube-node-lease';

type Rule = (a: Attributes, node: string) => Decision;

/** A node agent may read what its own pods refer to, and write itself, its lease and its pods' status. */
export class NodeAuthorizer implements Authorizer {
  readonly #cache: WatchCache;
  readonly #pods: NodePods;
  /** Resources that are told apart by object; of all others {@link NODE_RULES} decide. */
  readonly #rules: Readonly<Record<string, Rule>> = {
    secrets: (a, node) => this.#readReferenced(a, node, (pod) => refersTo(pod, 'secret', a.name)) ?? this.#related(node, this.#isVolumeSecret(a, node)),
    configmaps: (a, node) => this.#readReferenced(a, node, (pod) => refersTo(pod, 'configMap', a.name)) ?? this.#related(node, false),
    persistentvolumeclaims: (a, node) => (a.subresource === 'status' ? this.#claimStatus(a, node) : this.#get(a, node, () => this.#usesClaim(node, a.namespace, a.name))),
    persistentvolumes: (a, node) => this.#get(a, node, () => this.#usesVolume(node, a.name)),
    serviceaccounts: (a, node) => this.#serviceAccount(a, node),
    pods: (a, node) => this.#pod(a, node),
    nodes: authorizeNode,
    'leases.coordination.k8s.io': authorizeLease,
    'csinodes.storage.k8s.io': authorizeCsiNode,
    'volumeattachments.storage.k8s.io': (a, node) => this.#get(a, node, () => this.#object<VolumeAttachment>('volumeattachments.storage.k8s.io', a.name)?.spec.nodeName === node),
    'resourceclaims.resource.k8s.io': (a, node) => this.#get(a, node, () => this.#podsIn(node, a.namespace).some((pod) => resourceClaimNames(pod).includes(a.name))),
    'resourceslices.resource.k8s.io': (a, node) => this.#resourceSlice(a, node),
  };

  constructor(options: { readonly cache: WatchCache; readonly pods: NodePods }) {
    this.#cache = options.cache;
    this.#pods = options.pods;
  }

  authorize(a: Attributes): Decision {
    const node = nodeNameOf(a.user);
    if (node === undefined) return refused('');
    if (node === '') return refused(`unknown node for user ${JSON.stringify(a.user.name)}`);
    const rule = a.isResource ? this.#rules[a.group === '' ? a.resource : `${a.resource}.${a.group}`] : undefined;
    return rule ? rule(a, node) : byRules(a);
  }

  #readReferenced(a: Attributes, node: string, isReferenced: (pod: PodObject) => boolean): Decision | undefined {
    if (!READS.includes(a.verb)) return refused('can only read resources of this type');
    if (a.subresource !== '') return refused('cannot read subresource');
    if (a.namespace === '') return refused('can only read namespaced object of this type');
    if (a.name === '') return refused('No Object name found');
    return this.#podsIn(node, a.namespace).some(isReferenced) ? ALLOWED : undefined;
  }

  #get(a: Attributes, node: string, isRelated: () => boolean): Decision {
    if (a.verb !== 'get') return refused('can only get individual resources of this type');
    if (a.subresource !== '') return refused('cannot get subresource');
    return a.name === '' ? refused('No Object name found') : this.#related(node, isRelated());
  }

  #related(node: string, isRelated: boolean): Decision {
    return isRelated ? ALLOWED : refused(`no relationship found between node '${node}' and this object`);
  }

  #claimStatus(a: Attributes, node: string): Decision {
    if (!['update', 'patch'].includes(a.verb)) return refused('can only get/update/patch this type');
    if (a.name === '') return refused('No Object name found');
    return this.#related(node, this.#usesClaim(node, a.namespace, a.name));
  }

  #serviceAccount(a: Attributes, node: string): Decision {
    const isUsed = (): boolean => this.#podsIn(node, a.namespace).some((pod) => pod.spec?.serviceAccountName === a.name);
    if (a.verb === 'get' && a.subresource === '') return this.#related(node, isUsed());
    if (a.verb !== 'create' || a.name === '') return refused('can only create tokens for individual service accounts');
    return a.subresource === 'token' ? this.#related(node, isUsed()) : refused('can only create token subresource of serviceaccount');
  }

  #pod(a: Attributes, node: string): Decision {
    if (a.subresource !== '') return byRules(a);
    if (!READS.includes(a.verb)) return byRules(a);
    if (a.verb !== 'get' && selectsNode(a, node)) return ALLOWED;
    if (a.name === '') return refused(a.verb === 'get' ? 'No Object name found' : 'can only list/watch pods with spec.nodeName field selector');
    return this.#related(node, this.#podsIn(node, a.namespace).some((pod) => pod.metadata.name === a.name));
  }

  /** The admission of the slice's own node makes the rest. */
  #resourceSlice(a: Attributes, node: string): Decision {
    if (a.subresource !== '') return refused('cannot authorize ResourceSlice subresources');
    switch (a.verb) {
      case 'create': return ALLOWED;
      case 'list': case 'watch': case 'deletecollection': return selectsNode(a, node) ? ALLOWED : refused('can only list/watch/deletecollection resourceslices with nodeName field selector');
      case 'get': case 'update': case 'patch': case 'delete': return this.#related(node, this.#object<ResourceSlice>('resourceslices.resource.k8s.io', a.name)?.spec.nodeName === node);
      default: return refused('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection');
    }
  }

  #usesClaim(node: string, namespace: string, name: string): boolean {
    return this.#podsIn(node, namespace).some((pod) => claimNames(pod).includes(name));
  }

  #usesVolume(node: string, name: string): boolean {
    const claim = this.#object<PersistentVolume>('persistentvolumes', name)?.spec?.claimRef;
    return claim?.name !== undefined && this.#usesClaim(node, claim.namespace ?? '', claim.name);
  }

  /** Secrets that the volumes of the node's claims are mounted with. */
  #isVolumeSecret({ namespace, name }: Attributes, node: string): boolean {
    return this.#pods.of(node).some((pod) => claimNames(pod).some((claimName) => {
      const claim = this.#cache.get('persistentvolumeclaims', pod.metadata.namespace ?? '', claimName)?.object as PersistentVolumeClaim | undefined;
      const volume = claim?.spec?.volumeName ? this.#object<PersistentVolume>('persistentvolumes', claim.spec.volumeName) : undefined;
      // Anybody may write a claim that names a volume; only the volume says whose it is.
      const { namespace: of, name: bound } = volume?.spec?.claimRef ?? {};
      return volume !== undefined && of === pod.metadata.namespace && bound === claimName && secretsOf(volume, pod.metadata.namespace ?? '').some((s) => s.name === name && s.namespace === namespace);
    }));
  }

  #podsIn(node: string, namespace: string): readonly PodObject[] {
    return this.#pods.of(node).filter((pod) => pod.metadata.namespace === namespace);
  }

  #object<T>(resource: string, name: string): T | undefined {
    return this.#cache.get(resource, '', name)?.object as T | undefined;
  }
}

const byRules = (a: Attributes): Decision => (NODE_RULES.some((rule) => ruleAllows(rule, a)) ? ALLOWED : refused(''));

function selectsNode({ fieldSelector = '' }: Attributes, node: string): boolean {
  return (tryParseFieldSelector(fieldSelector) ?? []).some(({ path, operator, value }) => path === 'spec.nodeName' && operator === '=' && value === node);
}

/** To know the other nodes is not a node's business; which of them it may write, admission says. */
function authorizeNode(a: Attributes, node: string): Decision {
  if (a.subresource !== '' || !READS.includes(a.verb) || a.name === node) return byRules(a);
  return refused(a.name === '' ? `node '${node}' cannot read all nodes, only its own Node object` : `node '${node}' cannot read '${a.name}', only its own Node object`);
}

/** The name of a new object is for admission to check: this does not see it. */
function authorizeLease(a: Attributes, node: string): Decision {
  if (!OWNS.includes(a.verb)) return refused('can only get, create, update, patch, or delete a node lease');
  if (a.namespace !== LEASE_NAMESPACE) return refused(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`);
  return a.verb === 'create' || a.name === node ? ALLOWED : refused('can only access node lease with the same name as the requesting node');
}

function authorizeCsiNode(a: Attributes, node: string): Decision {
  if (!OWNS.includes(a.verb)) return refused('can only get, create, update, patch, or delete a CSINode');
  if (a.subresource !== '') return refused('cannot authorize CSINode subresources');
  return a.verb === 'create' || a.name === node ? ALLOWED : refused('can only access CSINode with the same name as the requesting node');
}

interface SecretName {
  readonly name: string | undefined;
  readonly namespace: string;
}

function secretsOf({ spec }: PersistentVolume, claimNamespace: string): readonly SecretName[] {
  const { azureFile, csi } = spec ?? {};
  const azure = azureFile && { name: azureFile.secretName, namespace: azureFile.secretNamespace };
  const references = [azure, csi?.controllerPublishSecretRef, csi?.nodePublishSecretRef, csi?.nodeStageSecretRef, csi?.nodeExpandSecretRef, spec?.cephfs?.secretRef, spec?.rbd?.secretRef, spec?.flexVolume?.secretRef, spec?.iscsi?.secretRef, spec?.scaleIO?.secretRef];
  return references.flatMap((r) => (r?.name ? [{ name: r.name, namespace: r.namespace || claimNamespace }] : []));
}
