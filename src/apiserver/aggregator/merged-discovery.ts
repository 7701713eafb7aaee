import { createHash } from 'node:crypto';
import { API_SERVICES } from '#api/resources.ts';
import { compareVersions } from '#api/kube-version.ts';
import type { Discovery } from '../discovery/discovery.ts';
import type { DocumentOutcome } from '../outcome.ts';
import type { ApiServices } from './api-services.ts';
import type { RemoteService } from './api-service.ts';
import type { RemoteDocuments, RemoteResource } from './remote-documents.ts';

type DiscoveryDocuments = Pick<Discovery, 'coreVersions' | 'groups' | 'group' | 'resources' | 'aggregated' | 'paths'>;

interface Group {
  readonly name: string;
  readonly versions: readonly { readonly groupVersion: string; readonly version: string }[];
}
interface GroupDiscovery {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly { readonly version: string; readonly freshness: string; readonly resources: readonly object[] }[];
}

/** The server's own discovery with the groups of extension API servers in it, in the order of the APIServices' priorities. */
export class MergedDiscovery implements DiscoveryDocuments {
  readonly #own: DiscoveryDocuments;
  readonly #services: ApiServices;
  readonly #documents: RemoteDocuments;

  constructor(options: { readonly own: DiscoveryDocuments; readonly services: ApiServices; readonly documents: RemoteDocuments }) {
    this.#own = options.own;
    this.#services = options.services;
    this.#documents = options.documents;
  }

  coreVersions(): object {
    return this.#own.coreVersions();
  }

  resources(group: string, version: string): object {
    return this.#own.resources(group, version);
  }

  groups(): object {
    const own = this.#own.groups() as { readonly groups: readonly Group[] };
    if (!this.#services.hasRemotes) return own;
    const groups = new Map(own.groups.map((g) => [g.name, g]));
    for (const { group, version } of this.#services.remotes()) {
      const known = groups.get(group)?.versions ?? [];
      const versions = [...known.filter((v) => v.version !== version), { groupVersion: `${group}/${version}`, version }];
      groups.set(group, withPreferred({ name: group, versions: this.#sortVersions(group, versions) }));
    }
    return { ...own, groups: this.#sortGroups([...groups.values()], (g) => g.name) };
  }

  group(name: string): object {
    if (!this.#services.hasRemotes) return this.#own.group(name);
    const found = (this.groups() as { readonly groups: readonly Group[] }).groups.find((g) => g.name === name);
    return found ? { kind: 'APIGroup', apiVersion: 'v1', ...found } : this.#own.group(name);
  }

  aggregated(isCore: boolean): DocumentOutcome {
    const own = this.#own.aggregated(isCore);
    if (isCore || !this.#services.hasRemotes) return own;
    const body = { ...(own.body as object), items: this.#mergedItems((own.body as { readonly items: readonly GroupDiscovery[] }).items) };
    return { ...own, body, etag: createHash('sha512').update(JSON.stringify(body)).digest('hex').toUpperCase() };
  }

  paths(): readonly string[] {
    const remotes = this.#services.remotes().flatMap(({ group, version }) => [`/apis/${group}`, `/apis/${group}/${version}`]);
    return [...new Set([...this.#own.paths(), ...remotes])];
  }

  #mergedItems(items: readonly GroupDiscovery[]): readonly GroupDiscovery[] {
    const groups = new Map(items.map((g) => [g.metadata.name ?? '', g]));
    for (const remote of this.#services.remotes()) {
      const known = groups.get(remote.group) ?? { metadata: { name: remote.group }, versions: [] };
      const versions = [...known.versions.filter((v) => v.version !== remote.version), this.#aggregatedVersion(remote)];
      groups.set(remote.group, { ...known, versions: this.#sortVersions(remote.group, versions) });
    }
    return this.#sortGroups([...groups.values()], (g) => g.metadata.name ?? '');
  }

  #aggregatedVersion(remote: RemoteService): GroupDiscovery['versions'][number] {
    const resources = this.#documents.of(remote)?.resources ?? [];
    const mains = resources.filter((r) => !r.name.includes('/'));
    return { version: remote.version, freshness: remote.isAvailable ? 'Current' : 'Stale', resources: mains.map((main) => aggregatedResource(remote, main, resources)) };
  }

  #sortGroups<T>(groups: readonly T[], nameOf: (group: T) => string): readonly T[] {
    // The group of APIServices has none itself, and is the first.
    const priority = (name: string): number => (name === API_SERVICES.group ? Infinity : Math.max(0, ...this.#services.all().filter((s) => s.spec.group === name).map((s) => s.spec.groupPriorityMinimum)));
    const priorities = new Map(groups.map((g) => [g, priority(nameOf(g))]));
    return groups.toSorted((a, b) => order(priorities.get(a) ?? 0, priorities.get(b) ?? 0) || (nameOf(a) < nameOf(b) ? -1 : 1));
  }

  #sortVersions<T extends { readonly version: string }>(group: string, versions: readonly T[]): readonly T[] {
    const priority = ({ version }: T): number => this.#services.all().find((s) => s.spec.group === group && s.spec.version === version)?.spec.versionPriority ?? 0;
    return versions.toSorted((a, b) => priority(b) - priority(a) || compareVersions(a.version, b.version));
  }
}

/** The larger one first; two infinite ones are equal. */
const order = (a: number, b: number): number => (a === b ? 0 : a < b ? 1 : -1);

const withPreferred = (group: Group): Group => ({ ...group, ...(group.versions[0] ? { preferredVersion: group.versions[0] } : {}) });

function aggregatedResource({ group, version }: RemoteService, main: RemoteResource, all: readonly RemoteResource[]): object {
  const kindOf = (r: RemoteResource): object => ({ group: r.group ?? group, version: r.version ?? version, kind: r.kind });
  const subresources = all.filter((r) => r.name.startsWith(`${main.name}/`)).map((r) => ({ subresource: r.name.slice(main.name.length + 1), responseKind: kindOf(r), verbs: r.verbs }));
  return {
    resource: main.name, responseKind: kindOf(main), scope: main.namespaced ? 'Namespaced' : 'Cluster', singularResource: main.singularName ?? '', verbs: main.verbs,
    ...(main.shortNames?.length ? { shortNames: main.shortNames } : {}), ...(main.categories?.length ? { categories: main.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
