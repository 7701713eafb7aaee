import { goQuote } from '#api/go-text.ts';
import { describeValue, isJsonObject, type JsonObject } from '#api/json.ts';
import { BUILT_IN_RESOURCES } from '#api/resources.ts';
import { apiVersionOf, type ResourceType } from '#api/resource-type.ts';
import { badRequest, invalid } from '#api/status-error.ts';

/**
 * The value with its `apiVersion` and `kind`. The path of the request says what a body without them is; only custom resources, which
 * Kubernetes decodes without a type, must say it themselves.
 * @throws StatusError BadRequest, Invalid (the kind of a custom resource), when it says that it is something else
 */
export function withType(resource: ResourceType, value: JsonObject): JsonObject {
  const wanted = apiVersionOf(resource);
  const [given, kind] = [describeValue(value['apiVersion'] ?? ''), describeValue(value['kind'] ?? '')];
  if (given === wanted && kind === resource.kind) return value;
  const [apiVersion, said] = [given || wanted, kind || resource.kind];
  if (resource.custom !== undefined) refuseCustom(resource, value, given, kind);
  else if (apiVersion !== wanted || said !== resource.kind) throw refusal(resource, apiVersion, said);
  return { ...value, apiVersion: wanted, kind: resource.kind };
}

function refuseCustom(resource: ResourceType, value: JsonObject, given: string, kind: string): void {
  if (kind === '') throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(value)}'`);
  if (given === '') throw badRequest(`Object 'apiVersion' is missing in '${JSON.stringify(value)}'`);
  if (given !== apiVersionOf(resource)) throw otherVersion(resource, given);
  if (kind === resource.kind) return;
  const name = isJsonObject(value['metadata']) ? describeValue(value['metadata']['name'] ?? '') : '';
  throw invalid({ ...resource, kind }, name, [{ reason: 'FieldValueInvalid', field: 'kind', message: `Invalid value: ${goQuote(kind)}: must be ${resource.kind}` }]);
}

/** What Go reads of a text to know its kind, as its messages name it. */
export const TYPE_META = 'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

/** Go reads what it knows, and then finds no way from that to the kind of the path. */
function refusal(resource: ResourceType, apiVersion: string, kind: string): Error {
  const slash = apiVersion.indexOf('/');
  const [group, version] = [apiVersion.slice(0, Math.max(slash, 0)), apiVersion.slice(slash + 1)];
  if (group === resource.group && kind === resource.kind && (BETA.test(version) || isBuiltIn(apiVersion, kind))) return otherVersion(resource, apiVersion);
  return badRequest(`${kind} in version ${goQuote(version)} cannot be handled as a ${resource.kind}: ${conversionFault(resource, apiVersion, kind)}`);
}

/** Why what says that it is something else is no object of the resource, in Go's words. */
export function conversionFault(resource: ResourceType, apiVersion: string, kind: string): string {
  if (isBuiltIn(apiVersion, kind)) return `converting (${apiVersion.slice(apiVersion.indexOf('/') + 1)}.${kind}) to (${internalPackage(resource.group)}.${resource.kind}): unknown conversion`;
  return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)} in scheme ${goQuote(SCHEMES[resource.group] ?? 'pkg/api/legacyscheme/scheme.go:30')}`;
}

/** Versions before the first stable one, which Kubernetes reads though it does not serve them. */
const BETA = /^v\d+(?:alpha|beta)\d+$/;
/** Where Kubernetes has made the registry of kinds that the group is served from. */
const SCHEMES: Readonly<Record<string, string>> = { 'apiextensions.k8s.io': 'pkg/apiserver/apiserver.go:55' };

const otherVersion = (resource: ResourceType, given: string): Error => badRequest(`the API version in the data (${given}) does not match the expected API version (${apiVersionOf(resource)})`);
export const isBuiltIn = (apiVersion: string, kind: string): boolean =>
  BUILT_IN_RESOURCES.some((known) => apiVersionOf(known) === apiVersion && (kind === known.kind || kind === `${known.kind}List`));
/** Of the types that Go reads into; events of both groups are one. */
const internalPackage = (group: string): string => (group === '' || group === 'events.k8s.io' ? 'core' : group.split('.', 1)[0] ?? '');
