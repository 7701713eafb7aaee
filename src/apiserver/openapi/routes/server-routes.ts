import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { OBJECT_TYPES } from './media-types.ts';
import { capital, groupWord, identifier, tagOf } from './operation-names.ts';
import type { Model, Route } from './route.ts';

type Named = Pick<Route, 'path' | 'id' | 'tag' | 'description'>;
const JSON_TYPES: readonly string[] = ['application/json'];

const reading = (named: Named, answer: Model, types: Pick<Route, 'consumes' | 'produces'>): Route => ({ ...named, ...types, method: 'get', parameters: [], answers: { 200: answer } });
const discovery = (named: Named, answer: string): Route => reading(named, `meta/v1.${answer}`, { consumes: OBJECT_TYPES, produces: OBJECT_TYPES });

/** What the server tells of itself: versions, groups and issuer of tokens. Of the groups of custom resources Kubernetes describes no discovery. */
export function serverRoutes(builtIn: readonly ResourceType[]): readonly Route[] {
  const groups = [...new Set(builtIn.map(({ group }) => group))].filter((group) => group !== '').toSorted();
  return [
    discovery({ path: '/api/', id: 'getCoreAPIVersions', tag: tagOf(''), description: 'get available API versions' }, 'APIVersions'),
    discovery({ path: '/apis/', id: 'getAPIVersions', tag: 'apis', description: 'get available API versions' }, 'APIGroupList'),
    ...groups.map((group) => discovery({ path: `/apis/${group}/`, id: `get${groupWord(group)}APIGroup`, tag: tagOf(group), description: 'get information of a group' }, 'APIGroup')),
    reading({ path: '/version/', id: 'getCodeVersion', tag: 'version', description: 'get the version information for this server' }, 'pkg/version.Info', { consumes: JSON_TYPES, produces: JSON_TYPES }),
    reading({
      path: '/.well-known/openid-configuration', id: 'getServiceAccountIssuerOpenIDConfiguration', tag: identifier('.well-known'),
      description: "get service account issuer OpenID configuration, also known as the 'OIDC discovery doc'",
    }, 'string', { consumes: [], produces: JSON_TYPES }),
    reading({
      path: '/openid/v1/jwks', id: 'getServiceAccountIssuerOpenIDKeyset', tag: 'openid',
      description: 'get service account issuer OpenID JSON Web Key Set (contains public token verification keys)',
    }, 'string', { consumes: [], produces: ['application/jwk-set+json'] }),
  ];
}

/** The list of the resources of each group version that is built in. */
export const versionRoutes = (resources: readonly ResourceType[]): readonly Route[] =>
  [...new Map(resources.filter((r) => r.custom === undefined).map((r) => [apiVersionOf(r), r])).values()].map(versionRoute);

function versionRoute({ group, version }: ResourceType): Route {
  const path = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
  return discovery({ path, id: `get${groupWord(group)}${capital(version)}APIResources`, tag: tagOf(group, version), description: 'get available resources' }, 'APIResourceList');
}
