import { createHash } from 'node:crypto';
import type { ResourceType } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import { unserved } from '#api/status-error.ts';
import { documentOutcome, type DocumentOutcome } from '../outcome.ts';
import { compareText, inGroupOrder, inVersionOrder } from './group-order.ts';
import { storageVersionHash } from './storage-version.ts';
import { subresourceFacts } from './subresources.ts';

/** The discovery documents. The large ones are made once for as long as the scheme stays the same, so that custom resources show at once. */
export class Discovery {
  readonly #scheme: Scheme;
  readonly #serverAddress: string;
  readonly #documents = new Map<string, DocumentOutcome>();
  #revision = -1;

  constructor(options: { readonly scheme: Scheme; readonly serverAddress: string }) {
    this.#scheme = options.scheme;
    this.#serverAddress = options.serverAddress;
  }

  /** `/api` */
  coreVersions(): object {
    return { kind: 'APIVersions', apiVersion: 'v1', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress }] };
  }

  /** `/apis` */
  groups(): object {
    return { kind: 'APIGroupList', apiVersion: 'v1', groups: this.#groupNames().map((name) => this.#group(name)) };
  }

  /** `/apis/<group>` @throws StatusError NotFound */
  group(name: string): object {
    if (!this.#groupNames().includes(name)) throw unserved();
    return { kind: 'APIGroup', apiVersion: 'v1', ...this.#group(name) };
  }

  /** `/api/v1`, `/apis/<group>/<version>` @throws StatusError NotFound */
  resources(group: string, version: string): object {
    const resources = this.#resourcesOf(group, version);
    if (resources.length === 0) throw unserved();
    return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources: resources.flatMap((r) => inDiscovery(r, legacyResources(r))).toSorted((a, b) => compareText(a.place, b.place)).map(({ resource }) => resource) };
  }

  /** `APIGroupDiscoveryList` of the core group or of all named ones; clients ask with its tag whether it has changed. */
  aggregated(isCore: boolean, version: 'v2' | 'v2beta1'): DocumentOutcome {
    if (this.#revision !== this.#scheme.revision) this.#documents.clear();
    this.#revision = this.#scheme.revision;
    const key = `${version}/${isCore}`;
    const document = this.#documents.get(key) ?? this.#makeAggregated(isCore, version);
    this.#documents.set(key, document);
    return document;
  }

  #makeAggregated(isCore: boolean, version: string): DocumentOutcome {
    const names = isCore ? [''] : this.#groupNames();
    const body = { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items: names.map((name) => this.#aggregatedGroup(name)) };
    return { ...documentOutcome(body), etag: createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase() };
  }

  /** Paths of all documents. */
  paths(): readonly string[] {
    const groups = this.#groupNames().flatMap((name) => [`/apis/${name}`, ...this.#versions(name).map((version) => `/apis/${name}/${version}`)]);
    return ['/api', '/api/v1', '/apis', '/apis/', ...groups];
  }

  #groupNames(): readonly string[] {
    return inGroupOrder([...new Set(this.#scheme.all().map((r) => r.group))].filter((g) => g !== ''));
  }

  #versions(group: string): readonly string[] {
    return inVersionOrder([...new Set(this.#scheme.all().filter((r) => r.group === group).map((r) => r.version))]);
  }

  #resourcesOf(group: string, version: string): readonly ResourceType[] {
    return this.#scheme.all().filter((r) => r.group === group && r.version === version).toSorted((a, b) => compareText(a.plural, b.plural));
  }

  #group(name: string): object {
    const versions = this.#versions(name).map((version) => ({ groupVersion: `${name}/${version}`, version }));
    return { name, versions, preferredVersion: versions[0] };
  }

  #aggregatedGroup(name: string): object {
    const versions = this.#versions(name).map((version) => ({ version, resources: this.#resourcesOf(name, version).map(aggregatedResource), freshness: 'Current' }));
    return { metadata: name === '' ? {} : { name }, versions };
  }
}

const namesOf = (r: ResourceType): object => ({ ...(r.shortNames.length > 0 ? { shortNames: r.shortNames } : {}), ...(r.categories.length > 0 ? { categories: r.categories } : {}) });

/** Subresources of custom resources stay in the order of the definition's fields. */
const subresourcesOf = (r: ResourceType): readonly string[] => (r.custom === undefined ? r.subresources.toSorted(compareText) : r.subresources);

/** Where a resource and its subresources stand among the others. */
const inDiscovery = (r: ResourceType, resources: readonly { readonly name: string }[]) => resources.map((resource) => ({ resource, place: r.custom === undefined ? resource.name : r.plural }));

function legacyResources(r: ResourceType): readonly { readonly name: string }[] {
  const hash = storageVersionHash(r);
  const own = { name: r.plural, singularName: r.singular, namespaced: r.namespaced, kind: r.kind, verbs: verbsNow(r), ...namesOf(r), ...(hash === undefined ? {} : { storageVersionHash: hash }) };
  return [own, ...r.subresources.map((name) => {
    const { group, version, kind, verbs } = subresourceFacts(r, name);
    return { name: `${r.plural}/${name}`, singularName: '', namespaced: r.namespaced, ...(group === undefined ? {} : { group, version }), kind, verbs };
  })];
}

/** A kind of the resource's own group and version is named without them, but for custom resources. */
function aggregatedResource(r: ResourceType): object {
  const own = r.custom ? { group: r.group, version: r.version } : { group: '', version: '' };
  return {
    resource: r.plural, responseKind: { ...own, kind: r.kind }, scope: r.namespaced ? 'Namespaced' : 'Cluster', singularResource: r.singular, verbs: verbsNow(r), ...namesOf(r),
    ...(r.subresources.length > 0 ? { subresources: subresourcesOf(r).map((name) => aggregatedSubresource(r, own, name)) } : {}),
  };
}

function aggregatedSubresource(r: ResourceType, own: { readonly group: string; readonly version: string }, name: string): object {
  const { group = own.group, version = own.version, kind, verbs } = subresourceFacts(r, name);
  return { subresource: name, responseKind: { group, version, kind }, verbs };
}

const WHILE_TERMINATING: ReadonlySet<string> = new Set(['delete', 'deletecollection', 'get', 'list', 'watch']);
/** Of a definition that goes away nothing new is offered. */
const verbsNow = (r: ResourceType): readonly string[] => (r.custom?.isTerminating ? r.verbs.filter((verb) => WHILE_TERMINATING.has(verb)) : r.verbs);
