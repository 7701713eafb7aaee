import type { ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/admissionregistration/v1.ts';
import { invalid } from '#api/status-error.ts';
import type { UserInfo } from '#api/transport.ts';
import { Problems } from '#api/validation/problems.ts';
import type { Environment } from '../environment.ts';
import { isEqual } from '../storage/equality.ts';
import type { Attributes } from './authorizer.ts';
import type { Grant } from './escalation.ts';

type Written = Omit<Grant, 'askedName'>;
type Target = Pick<Attributes, 'verb' | 'group' | 'resource' | 'namespace' | 'name'>;

/** What stands for all groups or resources when it is not known which are meant. */
const ANY = '*';

/**
 * A policy can tell by what it refuses what stands in the objects that it is configured with: whoever makes it must be allowed to read them.
 * What is as it was is not asked for again. @throws StatusError Invalid
 */
export function checkPolicyParams(env: Environment, grant: Written): void {
  const { resource, object, live } = grant;
  const problems = new Problems();
  if (resource.plural.endsWith('bindings')) {
    const { spec } = object as unknown as ValidatingAdmissionPolicyBinding;
    const before = (live as ValidatingAdmissionPolicyBinding | undefined)?.spec;
    const isAsBefore = spec.policyName === before?.policyName && isEqual(spec.paramRef, before?.paramRef);
    if (spec.paramRef && !isAsBefore) checkReference(env, problems, grant, spec.policyName ?? '', spec.paramRef);
  } else {
    const kind = (object as unknown as ValidatingAdmissionPolicy).spec.paramKind;
    if (kind && !isEqual(kind, (live as ValidatingAdmissionPolicy | undefined)?.spec.paramKind)) checkKind(env, problems, grant, kind);
  }
  if (problems.causes.length > 0) throw invalid(resource, object.metadata.name, problems.causes);
}

function checkKind(env: Environment, problems: Problems, { user }: Written, kind: ParamKind): void {
  if (mayRead(env, user, { verb: 'get', group: groupOf(kind), resource: pluralOf(env, kind) ?? ANY, namespace: ANY, name: ANY })) return;
  problems.forbidden('spec.paramKind', `user ${userText(user)} must have "get" permission on all objects of the referenced paramKind (kind=${kind.kind ?? ''}, apiVersion=${kind.apiVersion ?? ''})`);
}

function checkReference(env: Environment, problems: Problems, { resource, user }: Written, policyName: string, { name = '', namespace = '' }: ParamRef): void {
  const policies = resource.plural.replace(/policybindings$/, 'policies');
  const policy = env.cache.get(`${policies}.${resource.group}`, '', policyName)?.object as ValidatingAdmissionPolicy | undefined;
  const kind = policy?.spec.paramKind;
  const plural = kind && pluralOf(env, kind);
  // Without a name they are all that a selector finds; without a namespace, those of all namespaces.
  const verb = name === '' ? 'list' : 'get';
  if (mayRead(env, user, { verb, group: kind ? groupOf(kind) : ANY, resource: plural ?? ANY, namespace, name })) return;
  const lacks = `user ${userText(user)} does not have "${verb}" permission`;
  const forAll = `to determine minimum required permissions and ${lacks} for all groups, versions and resources`;
  if (!policy) problems.forbidden('spec.paramRef', `unable to get policy ${policyName} ${forAll}`);
  else if (kind && plural === undefined) problems.forbidden('spec.paramRef', `unable to resolve paramKind &{${kind.apiVersion ?? ''} ${kind.kind ?? ''}} ${forAll}`);
  else problems.forbidden('spec.paramRef', `${lacks} on the object referenced by paramRef`);
}

const mayRead = (env: Environment, user: UserInfo, target: Target): boolean => env.authorizer.authorize({ ...target, user, isResource: true, subresource: '', path: '' }).isAllowed;

const groupOf = ({ apiVersion = '' }: ParamKind): string => (apiVersion.includes('/') ? (apiVersion.split('/', 1)[0] ?? '') : '');

const pluralOf = ({ scheme }: Environment, { apiVersion = '', kind = '' }: ParamKind): string | undefined => scheme.byKind(apiVersion, kind)?.plural;

/** As Go prints it, for that is how the message is known. */
function userText({ name, uid = '', groups, extra = {} }: UserInfo): string {
  const more = Object.keys(extra).toSorted().map((key) => `${key}:[${(extra[key] ?? []).join(' ')}]`);
  return `&{${name} ${uid} [${groups.join(' ')}] map[${more.join(' ')}]}`;
}
