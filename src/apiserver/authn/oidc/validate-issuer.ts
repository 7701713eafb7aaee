import { X509Certificate } from 'node:crypto';
import { checkDomainPath } from '#api/validation/names.ts';
import { Problems } from '#api/validation/problems.ts';
import { parseReference } from '#policy/library/go-url.ts';
import { ISSUER } from '../service-account-tokens.ts';
import type { ClaimMapping, JwtIssuer } from './configuration.ts';
import { compileExpression, readsClaim } from './expressions.ts';

/** Its own tokens are known in another way, by their keys and by what they are bound to. */
const DISALLOWED_ISSUERS: readonly string[] = [ISSUER];
const UNVERIFIED_EMAIL = 'claims.email_verified must be used in claimMappings.username.expression or claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is used in claimMappings.username.expression';

/** What is wrong with an issuer of the right shape, worded as Kubernetes words it. */
export function checkIssuer(problems: Problems, value: JwtIssuer, path: string): void {
  const email = new EmailClaims();
  checkAddress(problems, value.issuer ?? {}, `${path}.issuer`);
  checkClaimRules(problems, value.claimValidationRules ?? [], `${path}.claimValidationRules`, email);
  checkMappings(problems, value.claimMappings ?? {}, `${path}.claimMappings`, email);
  checkUserRules(problems, value.userValidationRules ?? [], `${path}.userValidationRules`);
}

/** An address that nobody has proved to own could be anybody's. */
class EmailClaims {
  isVerified = false;

  note(expression: string): void {
    const compiled = compileExpression(expression, 'claims', false);
    this.isVerified ||= 'program' in compiled && readsClaim(compiled.program.checked.node, 'email_verified');
  }

  isUsedBy(expression: string): boolean {
    const compiled = compileExpression(expression, 'claims', false);
    return 'program' in compiled && readsClaim(compiled.program.checked.node, 'email');
  }
}

function checkAddress(problems: Problems, issuer: Partial<JwtIssuer['issuer']>, path: string): void {
  const { url, discoveryURL, audiences = [], audienceMatchPolicy = '', certificateAuthority, egressSelectorType } = issuer;
  if (!url) problems.required(`${path}.url`);
  else {
    if (DISALLOWED_ISSUERS.includes(url)) problems.invalid(`${path}.url`, url, `URL must not overlap with disallowed issuers: [${DISALLOWED_ISSUERS.join(' ')}]`);
    checkUrl(problems, url, `${path}.url`);
  }
  if (discoveryURL) {
    if (url && withoutSlashes(url) === withoutSlashes(discoveryURL)) problems.invalid(`${path}.discoveryURL`, discoveryURL, 'discoveryURL must be different from URL');
    checkUrl(problems, discoveryURL, `${path}.discoveryURL`);
  }
  if (audiences.length === 0) problems.required(`${path}.audiences`, `at least one ${path}.audiences is required`);
  for (const [i, audience] of audiences.entries()) {
    if (audience === '') problems.required(`${path}.audiences[${i}]`);
    if (audiences.indexOf(audience) !== i) problems.duplicate(`${path}.audiences[${i}]`, audience);
  }
  if (audiences.length > 1 && audienceMatchPolicy !== 'MatchAny') problems.invalid(`${path}.audienceMatchPolicy`, audienceMatchPolicy, 'audienceMatchPolicy must be MatchAny for multiple audiences');
  if (audiences.length === 1 && !['', 'MatchAny'].includes(audienceMatchPolicy)) problems.invalid(`${path}.audienceMatchPolicy`, audienceMatchPolicy, 'audienceMatchPolicy must be empty or MatchAny for single audience');
  const fault = certificateAuthority ? certificateFault(certificateAuthority) : undefined;
  if (fault !== undefined) problems.invalid(`${path}.certificateAuthority`, '<omitted>', fault);
  if (!egressSelectorType) return;
  if (['controlplane', 'cluster'].includes(egressSelectorType)) problems.forbidden(`${path}.egressSelectorType`, 'there are no egress selectors');
  else problems.invalid(`${path}.egressSelectorType`, egressSelectorType, 'egress selector must be either controlplane or cluster');
}

const withoutSlashes = (url: string): string => url.replace(/\/+$/, '');

function checkUrl(problems: Problems, text: string, path: string): void {
  const url = parseReference(text);
  if ('problem' in url) return problems.invalid(path, text, url.problem);
  if (url.scheme !== 'https') problems.invalid(path, text, 'URL scheme must be https');
  if (url.hasUser) problems.invalid(path, text, 'URL must not contain a username or password');
  if (url.query !== '') problems.invalid(path, text, 'URL must not contain a query');
  if (url.fragment !== '') problems.invalid(path, text, 'URL must not contain a fragment');
}

/** Of the blocks of a PEM, those that are certificates count, and all of them must be readable. */
function certificateFault(pem: string): string | undefined {
  const blocks = [...pem.matchAll(/^-----BEGIN CERTIFICATE-----[ \t]*$[^-]*-----END CERTIFICATE-----[ \t\r]*$/gm)];
  try {
    return blocks.map(([block]) => new X509Certificate(block)).length > 0 ? undefined : 'data does not contain any valid RSA or ECDSA certificates';
  } catch {
    return 'x509: malformed certificate';
  }
}

function checkClaimRules(problems: Problems, rules: NonNullable<JwtIssuer['claimValidationRules']>, path: string, email: EmailClaims): void {
  for (const [i, { claim = '', requiredValue = '', expression = '', message = '' }] of rules.entries()) {
    const at = `${path}[${i}]`;
    if (claim && expression) problems.invalid(at, claim, "claim and expression can't both be set");
    else if (!claim && !expression) problems.required(at, 'claim or expression is required');
    else if (claim && message) problems.invalid(`${at}.message`, message, 'may not be specified when claim is set');
    else if (expression && requiredValue) problems.invalid(`${at}.requiredValue`, requiredValue, 'may not be specified when expression is set');
    const isRepeated = (member: 'claim' | 'expression'): boolean => rules.findIndex((rule) => rule[member] === rules[i]?.[member]) !== i;
    if (claim && !expression && isRepeated('claim')) problems.duplicate(`${at}.claim`, claim);
    if (!expression || claim) continue;
    if (isRepeated('expression')) problems.duplicate(`${at}.expression`, expression);
    else if (checkExpression(problems, `${at}.expression`, expression, 'claims', true)) email.note(expression);
  }
}

function checkMappings(problems: Problems, { username, groups, uid, extra = [] }: Partial<JwtIssuer['claimMappings']>, path: string, email: EmailClaims): void {
  const isNamed = checkMapping(problems, username ?? {}, `${path}.username`, true);
  if (isNamed) email.note(username?.expression ?? '');
  checkMapping(problems, groups ?? {}, `${path}.groups`, false);
  if (uid?.claim && uid.expression) problems.invalid(`${path}.uid`, '', "claim and expression can't both be set");
  else if (uid?.expression) checkExpression(problems, `${path}.uid.expression`, uid.expression, 'claims', false);
  for (const [i, { key = '', valueExpression = '' }] of extra.entries()) {
    const at = `${path}.extra[${i}]`;
    checkDomainPath(problems, `${at}.key`, key);
    if (key !== key.toLowerCase()) problems.invalid(`${at}.key`, key, 'must be lowercase');
    if (/(?:^|\.)(?:kubernetes|k8s)\.io\//.test(key.slice(0, key.indexOf('/') + 1))) problems.invalid(`${at}.key`, key, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use');
    if (extra.findIndex((other) => (other.key ?? '') === key) !== i) problems.duplicate(`${at}.key`, key);
    else if (valueExpression === '') problems.required(`${at}.valueExpression`);
    else checkExpression(problems, `${at}.valueExpression`, valueExpression, 'claims', false);
    email.note(valueExpression);
  }
  if (isNamed && username?.expression && email.isUsedBy(username.expression) && !email.isVerified) problems.invalid(`${path}.username.expression`, username.expression, UNVERIFIED_EMAIL);
}

/** Whether it can be as it is. */
function checkMapping(problems: Problems, { claim, prefix, expression }: ClaimMapping, path: string, isRequired: boolean): boolean {
  const { length } = problems.causes;
  if (claim && expression) problems.invalid(path, '', "claim and expression can't both be set");
  else if (expression) {
    if (prefix !== undefined) problems.invalid(`${path}.prefix`, prefix, 'may not be specified when expression is set');
    checkExpression(problems, `${path}.expression`, expression, 'claims', false);
  } else if (claim) {
    if (prefix === undefined) problems.required(`${path}.prefix`, 'prefix is required when claim is set. It can be set to an empty string to disable prefixing');
  } else if (isRequired) problems.required(path, 'claim or expression is required');
  return problems.causes.length === length;
}

function checkUserRules(problems: Problems, rules: NonNullable<JwtIssuer['userValidationRules']>, path: string): void {
  for (const [i, { expression = '' }] of rules.entries()) {
    const at = `${path}[${i}].expression`;
    if (expression === '') problems.required(at);
    else if (rules.findIndex((rule) => rule.expression === expression) !== i) problems.duplicate(at, expression);
    else checkExpression(problems, at, expression, 'user', true);
  }
}

/** Whether it can be as it is. */
function checkExpression(problems: Problems, path: string, expression: string, variable: 'claims' | 'user', isCondition: boolean): boolean {
  const compiled = compileExpression(expression, variable, isCondition);
  if ('fault' in compiled) problems.invalid(path, expression, compiled.fault);
  return 'program' in compiled;
}
