import { validateRule } from './admission-rules.ts';
import type { Problems } from './problems.ts';
import { validateWebhookClient } from './webhook-client.ts';
import { validateSelector } from './selector.ts';
import type { MatchCondition, MutatingWebhook } from '#api/generated/admissionregistration/v1.ts';
import { dns1035Label, dns1123Subdomain, qualifiedName } from '#api/names.ts';
import type { KubeObject } from '#api/object.ts';
import { firstIndexes } from '#base/first-indexes.ts';

/** Of either kind; validating webhooks have no `reinvocationPolicy`. */
type Configuration = KubeObject & { readonly webhooks?: readonly MutatingWebhook[] | undefined };

const REVIEW_VERSIONS = ['v1', 'v1beta1'];
const SIDE_EFFECTS = ['None', 'NoneOnDryRun'];
const MAX_TIMEOUT_SECONDS = 30;
const MAX_CONDITIONS = 64;
const MIN_NAME_SEGMENTS = 3;

/** All but the compilation of match conditions, which needs the policy engine. */
export function validateWebhookConfiguration(problems: Problems, configuration: Configuration): void {
  const { webhooks = [] } = configuration;
  for (const [i, webhook] of webhooks.entries()) {
    const field = `webhooks[${i}]`;
    validateName(problems, `${field}.name`, webhook.name);
    for (const [j, rule] of (webhook.rules ?? []).entries()) validateRule(problems, `${field}.rules[${j}]`, rule);
    validatePolicies(problems, field, webhook);
    if (webhook.namespaceSelector) validateSelector(problems, `${field}.namespaceSelector`, webhook.namespaceSelector);
    if (webhook.objectSelector) validateSelector(problems, `${field}.objectSelector`, webhook.objectSelector);
    validateWebhookClient(problems, `${field}.clientConfig`, webhook.clientConfig);
    validateConditions(problems, `${field}.matchConditions`, webhook.matchConditions ?? []);
    validateReviewVersions(problems, `${field}.admissionReviewVersions`, webhook.admissionReviewVersions);
  }
  problems.unique((i) => `webhooks[${i}].name`, webhooks.map((w) => w.name));
}

function validateName(problems: Problems, field: string, name: string | undefined): void {
  if (!name) return problems.required(field);
  const messages = dns1123Subdomain(name);
  if (messages.length > 0) problems.invalid(field, name, messages.join(','));
  else if (name.split('.').length < MIN_NAME_SEGMENTS) problems.invalid(field, name, 'should be a domain with at least three segments separated by dots');
}

function validatePolicies(problems: Problems, field: string, webhook: MutatingWebhook): void {
  const { sideEffects, timeoutSeconds } = webhook as Partial<MutatingWebhook>;
  problems.optionalOneOf(`${field}.failurePolicy`, webhook.failurePolicy, ['Fail', 'Ignore']);
  problems.optionalOneOf(`${field}.matchPolicy`, webhook.matchPolicy, ['Equivalent', 'Exact']);
  problems.optionalOneOf(`${field}.reinvocationPolicy`, webhook.reinvocationPolicy, ['IfNeeded', 'Never']);
  if (!sideEffects) problems.required(`${field}.sideEffects`, `must specify one of ${SIDE_EFFECTS.join(', ')}`);
  else if (!SIDE_EFFECTS.includes(sideEffects)) problems.notSupported(`${field}.sideEffects`, sideEffects, SIDE_EFFECTS);
  if (timeoutSeconds !== undefined && (timeoutSeconds < 1 || timeoutSeconds > MAX_TIMEOUT_SECONDS)) {
    problems.invalid(`${field}.timeoutSeconds`, timeoutSeconds, `the timeout value must be between 1 and ${MAX_TIMEOUT_SECONDS} seconds`);
  }
}

/** Of webhooks and policies alike. */
export function validateConditions(problems: Problems, field: string, conditions: readonly MatchCondition[]): void {
  if (conditions.length > MAX_CONDITIONS) problems.tooMany(field, conditions.length, MAX_CONDITIONS);
  for (const [i, { name, expression }] of conditions.entries()) {
    if (!expression?.trim()) problems.required(`${field}[${i}].expression`);
    problems.checkRequired(`${field}[${i}].name`, name, qualifiedName);
  }
  problems.unique((i) => `${field}[${i}].name`, conditions.map((c) => c.name));
}

function validateReviewVersions(problems: Problems, field: string, versions: readonly string[] | undefined): void {
  if (!versions || versions.length === 0) return problems.required(field, `must specify one of ${REVIEW_VERSIONS.join(', ')}`);
  const first = firstIndexes(versions);
  for (const [i, version] of versions.entries()) {
    if (first.get(version) !== i) problems.invalid(`${field}[${i}]`, version, 'duplicate version');
    else problems.check(`${field}[${i}]`, version, dns1035Label);
  }
  if (!versions.some((v) => REVIEW_VERSIONS.includes(v))) problems.invalid(field, versions, `must include at least one of ${REVIEW_VERSIONS.join(', ')}`);
}
