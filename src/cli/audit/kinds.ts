import { compareVersions } from '#api/kube-version.ts';
import type { ResourceType, Verb } from '#api/resource-type.ts';
import type { Scheme } from '#api/scheme.ts';
import type { Client } from '#client/client.ts';

/** `deploy`, `Deployment`, `deployments.apps`, `deployments.v1.apps`: as kubectl takes them. Undefined for what the scheme does not know. */
export function findKind(scheme: Scheme, text: string): ResourceType | undefined {
  const dot = text.indexOf('.');
  const name = (dot < 0 ? text : text.slice(0, dot)).toLowerCase();
  const rest = dot < 0 ? undefined : text.slice(dot + 1);
  const found = scheme.all().filter((resource) => resource.verbs.includes('get') && isCalled(resource, name)
    && (rest === undefined || rest === resource.group || rest === `${resource.version}.${resource.group}` || (resource.group === '' && rest === resource.version)));
  const [first, ...others] = found;
  // Groups in the order of registration, as kubectl takes those of discovery; within one its preferred version.
  return first && others.filter(({ group, plural }) => group === first.group && plural === first.plural).reduce((best, other) => (compareVersions(other.version, best.version) < 0 ? other : best), first);
}

const isCalled = ({ plural, singular, kind, shortNames }: ResourceType, name: string): boolean => plural === name || singular === name || kind.toLowerCase() === name || shortNames.includes(name);

interface GroupList { readonly groups: readonly { readonly name: string; readonly versions: readonly { readonly groupVersion: string; readonly version: string }[] }[] }
interface ResourceList { readonly resources: readonly DiscoveredResource[] }
interface DiscoveredResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced: boolean;
  readonly kind: string;
  readonly verbs: readonly Verb[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** Adds the kinds that the server has beyond the built-in ones. */
export async function discoverKinds(client: Pick<Client, 'raw'>, scheme: Scheme): Promise<void> {
  const { groups } = (await client.raw('/apis')) as GroupList;
  const known = new Set(scheme.all().map(({ group, version }) => `${group}/${version}`));
  const unknown = groups.flatMap(({ name, versions }) => versions.filter(({ groupVersion }) => !known.has(groupVersion)).map((version) => ({ ...version, group: name })));
  await Promise.all(unknown.map(async ({ group, version, groupVersion }) => {
    // An aggregated API may be away; its kinds are then as unknown as before.
    const list = (await client.raw(`/apis/${groupVersion}`).catch(() => ({ resources: [] }))) as ResourceList;
    for (const resource of list.resources.filter(({ name }) => !name.includes('/'))) scheme.register(resourceTypeOf(group, version, resource, list));
  }));
}

const resourceTypeOf = (group: string, version: string, { name, singularName, kind, namespaced, verbs, shortNames = [], categories = [] }: DiscoveredResource, { resources }: ResourceList): ResourceType => ({
  group, version, kind, plural: name, singular: singularName || kind.toLowerCase(), shortNames, categories, namespaced, verbs,
  subresources: resources.filter((other) => other.name.startsWith(`${name}/`)).map((other) => other.name.slice(name.length + 1)),
});
