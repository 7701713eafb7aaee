import { validateRule } from './admission-rules.ts';
import type { Problems } from './problems.ts';
import { validateConditions } from './webhooks.ts';
import { validateSelector } from './selector.ts';
import { validateStatusConditions } from './status/conditions.ts';
import type {
  AuditAnnotation, MatchResources, MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding, Mutation, ParamKind, ParamRef, ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding, Validation, Variable,
} from '#api/generated/admissionregistration/v1.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName, qualifiedName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MUTABLE = ['CREATE', 'UPDATE'];
const MAX_AUDIT_ANNOTATIONS = 20;
const MAX_AUDIT_EXPRESSION_BYTES = 5 * 1024;
const IDENTIFIER = /^[A-Za-z_]\w*$/;
const RESERVED = new Set(['in', 'as', 'true', 'false', 'null', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while']);

type Policy = Pick<ValidatingAdmissionPolicy['spec'], 'failurePolicy' | 'paramKind' | 'matchConstraints' | 'matchConditions' | 'variables'>;

/** All but the compilation of expressions, which needs the policy engine. */
export function validateValidatingPolicy(problems: Problems, { metadata, spec }: ValidatingAdmissionPolicy & KubeObject): void {
  validatePolicy(problems, spec);
  const { validations = [], auditAnnotations = [] } = spec;
  if (validations.length === 0 && auditAnnotations.length === 0) {
    problems.required('spec.validations', 'validations or auditAnnotations must contain at least one item');
    problems.required('spec.auditAnnotations', 'validations or auditAnnotations must contain at least one item');
  }
  for (const [i, validation] of validations.entries()) validateValidation(problems, `spec.validations[${i}]`, validation);
  if (auditAnnotations.length > MAX_AUDIT_ANNOTATIONS) problems.invalid('spec.auditAnnotations', auditAnnotations, `must not have more than ${MAX_AUDIT_ANNOTATIONS} auditAnnotations`);
  for (const [i, annotation] of auditAnnotations.entries()) validateAuditAnnotation(problems, `spec.auditAnnotations[${i}]`, metadata.name, annotation);
  problems.unique((i) => `spec.auditAnnotations[${i}].key`, auditAnnotations.map((a) => a.key));
}

export function validateValidatingPolicyStatus(problems: Problems, { status }: ValidatingAdmissionPolicy): void {
  for (const [i, { fieldRef, warning }] of (status?.typeChecking?.expressionWarnings ?? []).entries()) {
    const field = `status.typeChecking.expressionWarnings[${i}]`;
    if (!warning) problems.required(`${field}.warning`);
    if (!fieldRef) problems.required(`${field}.fieldRef`);
  }
  validateStatusConditions(problems, 'status.conditions', status?.conditions);
}

export function validateMutatingPolicy(problems: Problems, { spec }: MutatingAdmissionPolicy & KubeObject): void {
  validatePolicy(problems, spec);
  checkMutable(problems, 'spec.matchConstraints', spec.matchConstraints);
  const { mutations = [], reinvocationPolicy } = spec;
  if (mutations.length === 0) problems.required('spec.mutations', 'mutations must contain at least one item');
  for (const [i, mutation] of mutations.entries()) validateMutation(problems, `spec.mutations[${i}]`, mutation);
  problems.oneOf('spec.reinvocationPolicy', reinvocationPolicy, ['IfNeeded', 'Never']);
}

export function validateValidatingPolicyBinding(problems: Problems, { spec }: ValidatingAdmissionPolicyBinding & KubeObject): void {
  validateBinding(problems, spec);
  const actions: readonly string[] = spec.validationActions ?? [];
  for (const [i, action] of actions.entries()) if (!ACTIONS.includes(action)) problems.notSupported(`spec.validationActions[${i}]`, action, ACTIONS);
  problems.unique((i) => `spec.validationActions[${i}]`, actions);
  if (actions.includes('Deny') && actions.includes('Warn')) problems.invalid('spec.validationActions', actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)');
  if (actions.length === 0) problems.required('spec.validationActions', 'at least one validation action is required');
}

export function validateMutatingPolicyBinding(problems: Problems, { spec }: MutatingAdmissionPolicyBinding & KubeObject): void {
  validateBinding(problems, spec);
  checkMutable(problems, 'spec.matchResources', spec.matchResources);
}

/** What is deleted or connected to cannot be changed. */
function checkMutable(problems: Problems, field: string, match: MatchResources | undefined): void {
  for (const operation of (match?.resourceRules ?? []).flatMap(({ operations = [] }) => operations)) {
    if (!MUTABLE.includes(operation)) problems.notSupported(`${field}.resourceRules.operations`, operation, MUTABLE);
  }
}

function validatePolicy(problems: Problems, spec: Policy): void {
  problems.oneOf('spec.failurePolicy', spec.failurePolicy, FAILURE_POLICIES);
  if (spec.paramKind) validateParamKind(problems, 'spec.paramKind', spec.paramKind);
  if (spec.matchConstraints) {
    validateMatch(problems, 'spec.matchConstraints', spec.matchConstraints);
    // They tell the types that expressions are about.
    if ((spec.matchConstraints.resourceRules ?? []).length === 0) problems.required('spec.matchConstraints.resourceRules');
  } else problems.required('spec.matchConstraints');
  validateConditions(problems, 'spec.matchConditions', spec.matchConditions ?? []);
  for (const [i, variable] of (spec.variables ?? []).entries()) validateVariable(problems, `spec.variables[${i}]`, variable);
  problems.unique((i) => `spec.variables[${i}].name`, (spec.variables ?? []).map((v) => v.name));
}

function validateParamKind(problems: Problems, field: string, { apiVersion, kind }: ParamKind): void {
  if (!apiVersion) problems.required(`${field}.apiVersion`);
  else validateGroupVersion(problems, `${field}.apiVersion`, apiVersion);
  if (!kind) problems.required(`${field}.kind`);
  else {
    const messages = dns1035Label(kind.toLowerCase());
    if (messages.length > 0) problems.invalid(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${messages.join(',')}`);
  }
}

function validateGroupVersion(problems: Problems, field: string, apiVersion: string): void {
  const parts = apiVersion.split('/');
  if (parts.length > 2) return problems.invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`);
  const [version = '', group = ''] = parts.toReversed();
  if (group !== '') joined(problems, field, group, dns1123Subdomain(group));
  if (version === '') problems.invalid(field, apiVersion, 'version must be specified');
  else joined(problems, field, version, dns1035Label(version));
}

function joined(problems: Problems, field: string, value: string, messages: readonly string[]): void {
  if (messages.length > 0) problems.invalid(field, value, messages.join(','));
}

function validateMatch(problems: Problems, field: string, match: MatchResources): void {
  problems.oneOf(`${field}.matchPolicy`, match.matchPolicy, ['Equivalent', 'Exact']);
  if (match.namespaceSelector) validateSelector(problems, `${field}.namespaceSelector`, match.namespaceSelector);
  else problems.required(`${field}.namespaceSelector`);
  if (match.objectSelector) validateSelector(problems, `${field}.objectSelector`, match.objectSelector);
  else problems.required(`${field}.objectSelector`);
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    for (const [i, rule] of (match[list] ?? []).entries()) {
      const at = `${field}.${list}[${i}]`;
      for (const [j, name] of (rule.resourceNames ?? []).entries()) problems.check(`${at}.resourceNames[${j}]`, name, pathSegmentName);
      problems.unique((j) => `${at}.resourceNames[${j}]`, rule.resourceNames ?? []);
      validateRule(problems, at, rule);
    }
  }
}

function validateVariable(problems: Problems, field: string, { name, expression }: Variable): void {
  if (!name?.trim()) problems.required(`${field}.name`, 'name is not specified');
  else if (!IDENTIFIER.test(name) || RESERVED.has(name)) problems.invalid(`${field}.name`, name, 'must be a valid CEL identifier');
  if (!expression?.trim()) problems.required(`${field}.expression`, 'expression is not specified');
}

function validateValidation(problems: Problems, field: string, { expression, message, messageExpression, reason }: Validation): void {
  if (!expression?.trim()) problems.required(`${field}.expression`, 'expression is not specified');
  if (messageExpression && !messageExpression.trim()) problems.invalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified');
  // An expression of several lines needs no message: Kubernetes says that it does, and does not look.
  if (message && !message.trim()) problems.invalid(`${field}.message`, message, 'must be non-empty if specified');
  else if (/[\n\r]/.test(message?.trim() ?? '')) problems.invalid(`${field}.message`, message, 'must not contain line breaks');
  problems.optionalOneOf(`${field}.reason`, reason, REASONS);
}

function validateAuditAnnotation(problems: Problems, field: string, policy: string, { key, valueExpression }: AuditAnnotation): void {
  if (policy) {
    const name = `${policy}/${key ?? ''}`;
    joined(problems, `${field}.key`, key ?? '', qualifiedName(name));
  } else if (!key) problems.required(`${field}.key`);
  if (!valueExpression?.trim()) problems.required(`${field}.valueExpression`, 'valueExpression is not specified');
  else if (Buffer.byteLength(valueExpression.trim()) > MAX_AUDIT_EXPRESSION_BYTES) problems.required(`${field}.valueExpression`, `must not exceed ${MAX_AUDIT_EXPRESSION_BYTES} bytes in length`);
}

function validateMutation(problems: Problems, field: string, { patchType, applyConfiguration, jsonPatch }: Mutation): void {
  if (!patchType) return problems.required(`${field}.patchType`);
  const chosen = { ApplyConfiguration: { name: 'applyConfiguration', given: applyConfiguration }, JSONPatch: { name: 'jsonPatch', given: jsonPatch } }[patchType];
  if (!chosen) return problems.notSupported(`${field}.patchType`, patchType, ['ApplyConfiguration', 'JSONPatch']);
  if (!chosen.given) problems.required(`${field}.${chosen.name}`, `must be specified when patchType is ${patchType}`);
  else if (!chosen.given.expression?.trim()) problems.required(`${field}.${chosen.name}.expression`);
  const other = patchType === 'JSONPatch' ? { name: 'applyConfiguration', given: applyConfiguration } : { name: 'jsonPatch', given: jsonPatch };
  if (other.given) problems.invalid(`${field}.${other.name}`, `{${other.name}}`, `must not be specified when patchType is ${patchType}`);
}

function validateBinding(problems: Problems, spec: MutatingAdmissionPolicyBinding['spec'] & object): void {
  problems.checkRequired('spec.policyName', spec.policyName, dns1123Subdomain);
  if (spec.paramRef) validateParamRef(problems, 'spec.paramRef', spec.paramRef);
  if (spec.matchResources) validateMatch(problems, 'spec.matchResources', spec.matchResources);
}

function validateParamRef(problems: Problems, field: string, { name, selector, parameterNotFoundAction }: ParamRef): void {
  if (name) problems.check(`${field}.name`, name, pathSegmentName);
  if (name && selector) problems.forbidden(`${field}.name`, 'name and selector are mutually exclusive');
  if (selector) validateSelector(problems, `${field}.selector`, selector);
  if (name && selector) problems.forbidden(`${field}.selector`, 'name and selector are mutually exclusive');
  if (!name && !selector) problems.required(field, 'one of name or selector must be specified');
  problems.oneOf(`${field}.parameterNotFoundAction`, parameterNotFoundAction, ['Deny', 'Allow']);
}
