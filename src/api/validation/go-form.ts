import type { JsonObject } from '#api/json.ts';

/** The fields of a struct in Go: what each is when it is absent, or the struct or list of structs that it holds. */
interface GoFields {
  readonly [name: string]: null | '' | 0 | GoFields | readonly [GoFields];
}

const PROFILE: GoFields = { Type: '', LocalhostProfile: null };
const REQUIREMENT: GoFields = { Key: '', Operator: '', Values: null };

export const NODE_ADDRESS: GoFields = { Type: '', Address: '' };
export const NODE_TERM: GoFields = { MatchExpressions: [REQUIREMENT], MatchFields: [REQUIREMENT] };
export const NON_RESOURCE_ATTRIBUTES: GoFields = { Path: '', Verb: '' };
export const POD_CLAIM: GoFields = { Name: '', ResourceClaimName: null, ResourceClaimTemplateName: null };
export const POD_IP: GoFields = { IP: '' };
export const SCOPE_SELECTOR: GoFields = { MatchExpressions: [{ ScopeName: '', Operator: '', Values: null }] };
export const SECCOMP_PROFILE = PROFILE;
export const SECURITY_CONTEXT: GoFields = {
  Capabilities: { Add: null, Drop: null }, Privileged: null, SELinuxOptions: { User: '', Role: '', Type: '', Level: '' },
  WindowsOptions: { GMSACredentialSpecName: null, GMSACredentialSpec: null, RunAsUserName: null, HostProcess: null },
  RunAsUser: null, RunAsGroup: null, RunAsNonRoot: null, ReadOnlyRootFilesystem: null, AllowPrivilegeEscalation: null, ProcMount: null, SeccompProfile: PROFILE, AppArmorProfile: PROFILE,
};
export const SERVICE_PORT: GoFields = { Name: '', Protocol: '', AppProtocol: null, Port: 0, TargetPort: 0, NodePort: 0 };
export const TAINT: GoFields = { Key: '', Value: '', Effect: '', TimeAdded: null };
export const VOLUME_AFFINITY: GoFields = { Required: { NodeSelectorTerms: [NODE_TERM] } };

/** A value as Kubernetes tells it when it cannot be told in a word: by the names that its fields have in Go, and with all of them. */
export function goForm(value: object | undefined, fields: GoFields): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return (value as readonly object[]).map((item) => goForm(item, fields));
  return Object.fromEntries(Object.entries(fields).map(([name, kind]) => [name, memberOf((value as JsonObject)[jsonName(name)], kind)]));
}

function memberOf(member: unknown, kind: GoFields[string]): unknown {
  if (typeof kind !== 'object' || kind === null) return member ?? kind ?? null;
  return goForm(member as object | undefined, Array.isArray(kind) ? kind[0] as GoFields : kind as GoFields);
}

/** `SELinuxOptions` is `seLinuxOptions`. */
const jsonName = (name: string): string => name.replace(/^(?:[A-Z]+(?=[A-Z][a-z]|$)|[A-Z])/, (start) => start.toLowerCase());
