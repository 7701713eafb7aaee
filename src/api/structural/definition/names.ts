import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '#api/generated/apiextensions/v1.ts';
import { dns1035Label, dns1123Subdomain, type NameCheck } from '#api/names.ts';
import type { Problems } from '#api/validation/problems.ts';

const APPROVAL = 'api-approved.kubernetes.io';
const ENHANCEMENTS = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** All messages in one, as Kubernetes has it for names of definitions. */
const joined = (rule: NameCheck): NameCheck => (text) => {
  const messages = rule(text);
  return messages.length === 0 ? messages : [messages.join(',')];
};
export const label = joined(dns1035Label);
const kindLabel: NameCheck = (text) => label(text.toLowerCase()).map((message) => `may have mixed case, but should otherwise match: ${message}`);

export function checkGroup(problems: Problems, group: string, path: string): void {
  if (!group) return problems.required(path);
  const messages = dns1123Subdomain(group);
  if (messages.length > 0) problems.invalid(path, group, messages.join(','));
  else if (!group.includes('.')) problems.invalid(path, group, 'should be a domain with at least one dot');
}

export function checkNamesGiven(problems: Problems, names: CustomResourceDefinitionNames, path: string): void {
  for (const name of ['plural', 'singular', 'kind', 'listKind'] as const) if (!names[name]) problems.required(`${path}.${name}`);
}

export function checkNames(problems: Problems, names: Partial<CustomResourceDefinitionNames>, path: string): void {
  const check = (field: string, value: string | undefined, rule: NameCheck): void => {
    if (value) problems.check(`${path}.${field}`, value, rule);
  };
  check('plural', names.plural, label);
  check('singular', names.singular, label);
  check('kind', names.kind, kindLabel);
  check('listKind', names.listKind, kindLabel);
  for (const [i, shortName] of (names.shortNames ?? []).entries()) problems.check(`${path}.shortNames[${i}]`, shortName, label);
  if (names.kind && names.kind === names.listKind) problems.invalid(`${path}.listKind`, names.listKind, 'kind and listKind may not be the same');
  for (const [i, category] of (names.categories ?? []).entries()) problems.check(`${path}.categories[${i}]`, category, label);
}

/** With a host, which `URL` would find in a path too. */
const ABSOLUTE_URL = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i;

type Approval = 'approved' | 'bypassed' | 'missing' | 'invalid';
function approvalOf({ metadata }: CustomResourceDefinition): Approval {
  const text = metadata.annotations?.[APPROVAL] ?? '';
  if (text === '') return 'missing';
  if (text.startsWith('unapproved')) return 'bypassed';
  return ABSOLUTE_URL.test(text) && URL.canParse(text) ? 'approved' : 'invalid';
}

/** Groups of the Kubernetes project must say where their API was approved, or that it was not. */
export function checkApproval(problems: Problems, crd: CustomResourceDefinition, group: string, live: CustomResourceDefinition | undefined): void {
  if (!/(?:^|\.)(?:k8s|kubernetes)\.io$/.test(group)) return;
  const approval = approvalOf(crd);
  if (live !== undefined && approvalOf(live) === approval) return;
  const field = `metadata.annotations[${APPROVAL}]`;
  if (approval === 'missing') problems.required(field, `protected groups must have approval annotation "${APPROVAL}", ${ENHANCEMENTS}`);
  if (approval === 'invalid') {
    problems.invalid(field, crd.metadata.annotations?.[APPROVAL], `protected groups must have approval annotation "${APPROVAL}" with either a URL or a reason starting with "unapproved", ${ENHANCEMENTS}`);
  }
}
