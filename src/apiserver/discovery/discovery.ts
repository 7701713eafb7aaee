import { compareVersions } from '#api/kube-version.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { unserved } from '../request-info.ts';

/** What kinds a subresource has, where they differ from the object's own. */
const SUBRESOURCE_KINDS: Readonly<Record<string, { readonly group: string; readonly version: string; readonly kind: string }>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  eviction: { group: 'policy', version: 'v1', kind: 'Eviction' },
  binding: { group: '', version: 'v1', kind: 'Binding' },
  token: { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' },
  exec: { group: '', version: 'v1', kind: 'PodExecOptions' },
  attach: { group: '', version: 'v1', kind: 'PodAttachOptions' },
  portforward: { group: '', version: 'v1', kind: 'PodPortForwardOptions' },
};
const SUBRESOURCE_VERBS: Readonly<Record<string, readonly string[]>> = {
  eviction: ['create'], binding: ['create'], token: ['create'], exec: ['create', 'get'], attach: ['create', 'get'], portforward: ['create', 'get'], log: ['get'], finalize: ['update'],
};

/** The discovery documents. Each is made once for as long as the scheme stays the same, so that custom resources show at once. */
export class Discovery {
  readonly #scheme: Scheme;
  readonly #serverAddress: string;
  readonly #documents = new Map<string, object>();
  #revision = -1;

  constructor(options: { readonly scheme: Scheme; readonly serverAddress: string }) {
    this.#scheme = options.scheme;
    this.#serverAddress = options.serverAddress;
  }

  /** `/api` */
  coreVersions(): object {
    return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress }] };
  }

  /** `/apis` */
  groups(): object {
    return this.#kept('groups', () => ({ kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groupNames().map((name) => this.#group(name)) }));
  }

  /** `/apis/<group>` @throws StatusError NotFound */
  group(name: string): object {
    if (!this.#groupNames().includes(name)) throw unserved();
    return { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(name) };
  }

  /** `/api/v1`, `/apis/<group>/<version>` @throws StatusError NotFound */
  resources(group: string, version: string): object {
    const resources = this.#resources(group, version);
    if (resources.length === 0) throw unserved();
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources: resources.flatMap(legacyResources) };
  }

  /** `APIGroupDiscoveryList` of the core group or of all named ones. */
  aggregated(isCore: boolean): object {
    return this.#kept(isCore ? 'core' : 'aggregated', () => {
      const names = isCore ? [''] : this.#groupNames();
      return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: names.map((name) => this.#aggregatedGroup(name)) };
    });
  }

  #groupNames(): readonly string[] {
    const all = this.#scheme.all();
    const builtIn = all.filter((r) => r.custom === undefined).map((r) => r.group);
    const custom = all.filter((r) => r.custom !== undefined).map((r) => r.group).toSorted();
    return [...new Set([...builtIn, ...custom])].filter((g) => g !== '');
  }

  /** The preferred one first: for built-in groups in their own order, for custom ones in Kubernetes' order of versions. */
  #versions(group: string): readonly string[] {
    const all = this.#scheme.all().filter((r) => r.group === group);
    const custom = all.filter((r) => r.custom !== undefined).map((r) => r.version).toSorted(compareVersions);
    return [...new Set([...all.filter((r) => r.custom === undefined).map((r) => r.version), ...custom])];
  }

  #resources(group: string, version: string): readonly ResourceType[] {
    const found = this.#scheme.all().filter((r) => r.group === group && r.version === version);
    return found.some((r) => r.custom) ? found.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)) : found;
  }

  #kept(name: string, make: () => object): object {
    if (this.#revision !== this.#scheme.revision) this.#documents.clear();
    this.#revision = this.#scheme.revision;
    const known = this.#documents.get(name) ?? make();
    this.#documents.set(name, known);
    return known;
  }

  #group(name: string): object {
    const versions = this.#versions(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] };
  }

  #aggregatedGroup(name: string): object {
    const versions = this.#versions(name).map((version) => ({
      version, freshness: 'Current', resources: this.#resources(name, version).map(aggregatedResource),
    }));
    return { metadata: { ...(name === '' ? {} : { name }), creationTimestamp: null }, versions };
  }
}

function legacyResources(r: ResourceType): readonly object[] {
  const own = {
    name: r.plural, singularName: r.singular, namespaced: r.namespaced, kind: r.kind, verbs: verbsNow(r),
    ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}), ...(r.categories.length > 0 ? { categories: r.categories } : {}),
  };
  return [own, ...r.subresources.map((sub) => {
    const type = SUBRESOURCE_KINDS[sub];
    return { name: `${r.plural}/${sub}`, singularName: '', namespaced: r.namespaced, kind: type?.kind ?? r.kind, verbs: verbsOf(sub), ...(type ? { group: type.group, version: type.version } : {}) };
  })];
}

function aggregatedResource(r: ResourceType): object {
  const responseKind = { group: r.group, version: r.version, kind: r.kind };
  return {
    resource: r.plural, responseKind, scope: r.namespaced ? 'Namespaced' : 'Cluster', singularResource: r.singular, verbs: verbsNow(r),
    ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}), ...(r.categories.length > 0 ? { categories: r.categories } : {}),
    ...(r.subresources.length > 0 ? { subresources: r.subresources.map((sub) => ({ subresource: sub, responseKind: SUBRESOURCE_KINDS[sub] ?? responseKind, verbs: verbsOf(sub) })) } : {}),
  };
}

const WHILE_TERMINATING: ReadonlySet<string> = new Set(['delete', 'deletecollection', 'get', 'list', 'watch']);
/** Of a definition that goes away nothing new is offered. */
const verbsNow = (r: ResourceType): readonly string[] => (r.custom?.isTerminating ? r.verbs.filter((verb) => WHILE_TERMINATING.has(verb)) : r.verbs);
const verbsOf = (subresource: string): readonly string[] => SUBRESOURCE_VERBS[subresource] ?? ['get', 'patch', 'update'];
export const groupVersions = (scheme: Scheme): readonly string[] => [...new Set(scheme.all().map(apiVersionOf))];
