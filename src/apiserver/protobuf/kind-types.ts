import type { TypeReference } from '#api/facts.ts';
import type { Scheme } from '#api/scheme.ts';

const META = 'meta/v1';
/** Kinds that no resource has: options, subresources, and what is only ever an answer. */
const OTHERS: Readonly<Record<string, TypeReference>> = {
  'autoscaling/v1/Scale': 'autoscaling/v1.Scale', 'policy/v1/Eviction': 'policy/v1.Eviction', 'policy/v1beta1/Eviction': 'policy/v1.Eviction', 'v1/Binding': 'core/v1.Binding',
  'authentication.k8s.io/v1/TokenRequest': 'authentication/v1.TokenRequest', 'admission.k8s.io/v1/AdmissionReview': 'admission/v1.AdmissionReview',
  'v1/Status': `${META}.Status`, 'v1/APIVersions': `${META}.APIVersions`, 'v1/APIGroupList': `${META}.APIGroupList`, 'v1/APIGroup': `${META}.APIGroup`, 'v1/APIResourceList': `${META}.APIResourceList`,
  'apidiscovery.k8s.io/v2/APIGroupDiscoveryList': 'apidiscovery/v2.APIGroupDiscoveryList',
};
/** `PartialObjectMetadata` and its list have the same form in both versions. */
const PARTIAL = /^meta\.k8s\.io\/v1(?:beta1)?\/(PartialObjectMetadata(?:List)?)$/;

/** The type that a kind has in the fact tables; undefined for custom resources and unknown kinds. */
export class KindTypes {
  readonly #scheme: Scheme;

  constructor(scheme: Scheme) {
    this.#scheme = scheme;
  }

  of(apiVersion: string, kind: string): TypeReference | undefined {
    const facts = this.#scheme.byKind(apiVersion, kind)?.facts;
    if (facts !== undefined) return facts;
    if (kind === 'DeleteOptions') return `${META}.DeleteOptions`;
    const key = `${apiVersion}/${kind}`;
    const partial = PARTIAL.exec(key)?.[1];
    if (partial !== undefined) return `${META}.${partial}`;
    return OTHERS[key] ?? this.#listType(apiVersion, kind);
  }

  #listType(apiVersion: string, kind: string): TypeReference | undefined {
    if (!kind.endsWith('List')) return undefined;
    const item = this.#scheme.byKind(apiVersion, kind.slice(0, -'List'.length))?.facts;
    return item === undefined ? undefined : `${item}List`;
  }
}
