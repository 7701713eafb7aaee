import type { Pod } from '#api/generated/core/v1.ts';
import type { KubeObject } from '#api/object.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';
import type { Attributes, Authorizer, Decision } from './authorizer.ts';
import { nodeNameOf } from './node-identity.ts';
import { ruleAllows } from './rules.ts';
import { NODE_RULES } from './node-rules.ts';

const ALLOWED: Decision = { isAllowed: true, reason: '' };
const refused = (reason: string): Decision => ({ isAllowed: false, reason });

/** A node agent may read what its own pods refer to, and write itself, its lease and its pods' status. */
export class NodeAuthorizer implements Authorizer {
  readonly #cache: WatchCache;

  constructor(cache: WatchCache) {
    this.#cache = cache;
  }

  authorize(a: Attributes): Decision {
    const node = nodeNameOf(a.user);
    if (node === undefined) return refused('');
    if (a.isResource && a.group === '') {
      switch (a.resource) {
        case 'secrets': case 'configmaps': return this.#authorizeReference(a, node);
        case 'serviceaccounts': if (a.subresource === 'token') return this.#authorizeToken(a, node); break;
        case 'pods': if (a.verb === 'list' || a.verb === 'watch') return authorizePodList(a, node); break;
      }
    }
    if (isForeign(a, node)) return refused('a node may only touch its own node and lease');
    return NODE_RULES.some((rule) => ruleAllows(rule, a)) ? ALLOWED : refused('');
  }

  #authorizeReference(a: Attributes, node: string): Decision {
    if (a.verb !== 'get' && a.verb !== 'list' && a.verb !== 'watch') return refused('can only read resources of this type');
    if (a.name === '') return refused('can only read a namespaced object of this type by name');
    const isReferenced = this.#podsOf(node, a.namespace).some((pod) => refersTo(pod, a.resource === 'secrets' ? 'secret' : 'configMap', a.name));
    return isReferenced ? ALLOWED : refused(`no relationship found between node '${node}' and this object`);
  }

  #authorizeToken(a: Attributes, node: string): Decision {
    const runsHere = this.#podsOf(node, a.namespace).some((pod) => pod.spec?.serviceAccountName === a.name);
    return a.verb === 'create' && runsHere ? ALLOWED : refused(`no relationship found between node '${node}' and this object`);
  }

  #podsOf(node: string, namespace: string): readonly (Pod & KubeObject)[] {
    return this.#cache.list('pods', { namespace }).items.map((i) => i.object as Pod & KubeObject).filter((p) => p.spec?.nodeName === node);
  }
}

function authorizePodList(a: Attributes, node: string): Decision {
  const isOwn = (a.fieldSelector ?? '').split(',').some((part) => part === `spec.nodeName=${node}` || part === `spec.nodeName==${node}`);
  return isOwn ? ALLOWED : refused('can only list or watch pods with a spec.nodeName field selector of its own');
}

function isForeign(a: Attributes, node: string): boolean {
  if (a.name === '') return false;
  if (a.group === '' && a.resource === 'nodes') return a.verb !== 'get' && a.verb !== 'list' && a.verb !== 'watch' && a.name !== node;
  return a.group === 'coordination.k8s.io' && a.resource === 'leases' && (a.name !== node || a.namespace !== 'kube-node-lease');
}

function refersTo(pod: Pod, kind: 'secret' | 'configMap', name: string): boolean {
  const spec = pod.spec;
  if (!spec) return false;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const inVolumes = (spec.volumes ?? []).some((v) => (kind === 'secret' ? v.secret?.secretName : v.configMap?.name) === name
    || (v.projected?.sources ?? []).some((s) => (kind === 'secret' ? s.secret?.name : s.configMap?.name) === name));
  if (inVolumes || (kind === 'secret' && (spec.imagePullSecrets ?? []).some((s) => s.name === name))) return true;
  const [envFrom, keyRef] = kind === 'secret' ? (['secretRef', 'secretKeyRef'] as const) : (['configMapRef', 'configMapKeyRef'] as const);
  return containers.some((c) => (c.envFrom ?? []).some((e) => e[envFrom]?.name === name) || (c.env ?? []).some((e) => e.valueFrom?.[keyRef]?.name === name));
}
