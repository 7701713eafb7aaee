import type { APIService } from '#api/generated/apiregistration/v1.ts';
import type { APIResource, APIResourceList } from '#api/generated/meta/v1.ts';
import { groupResource, type ResourceType, type Verb } from '#api/resource-type.ts';

/** What extension API servers serve in namespaces. */
export interface ExtensionResources {
  readonly resources: readonly ResourceType[];
  /** `metrics.example.com/v1`: what is there is not known, as nobody answers. */
  readonly undiscovered: readonly string[];
}

/** Asks each extension API server, whose path `read` gets, for the resources whose objects can be listed and deleted; each resource in the version that the group prefers. */
export async function discoverExtensions(services: readonly APIService[], read: (path: string) => Promise<unknown>): Promise<ExtensionResources> {
  const remote = services.filter(({ spec }) => spec?.service).toSorted((a, b) => (b.spec?.versionPriority ?? 0) - (a.spec?.versionPriority ?? 0));
  const asked = await Promise.all(remote.map(async ({ spec, status }) => {
    const { group = '', version = '' } = spec ?? {};
    const isAvailable = status?.conditions?.find(({ type }) => type === 'Available')?.status !== 'False';
    const list = isAvailable ? ((await read(`/apis/${group}/${version}`).catch(() => undefined)) as APIResourceList | undefined) : undefined;
    return { groupVersion: `${group}/${version}`, types: list?.resources.filter(isEmptied).map((resource) => typeOf(resource, group, version)) };
  }));
  const types = asked.flatMap((answer) => answer.types ?? []);
  return {
    resources: [...Map.groupBy(types, groupResource).values()].flatMap(([preferred]) => preferred ?? []),
    undiscovered: asked.filter((answer) => answer.types === undefined).map(({ groupVersion }) => groupVersion).toSorted(),
  };
}

const isEmptied = ({ name, namespaced, verbs }: APIResource): boolean => namespaced && !name.includes('/') && verbs.includes('list') && verbs.includes('delete');

const typeOf = ({ name, kind, singularName, verbs }: APIResource, group: string, version: string): ResourceType =>
  ({ group, version, kind, plural: name, singular: singularName, shortNames: [], categories: [], namespaced: true, verbs: verbs as readonly Verb[], subresources: [] });
