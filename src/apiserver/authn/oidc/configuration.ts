import { X509Certificate } from 'node:crypto';
import { isJsonObject } from '#api/json.ts';
import { HeadwayError } from '#base/errors.ts';

/** A claim, with a prefix for its values, or a CEL expression over `claims`. */
export interface ClaimMapping {
  readonly claim?: string;
  readonly prefix?: string;
  readonly expression?: string;
}

/** One issuer of `AuthenticationConfiguration.jwt`, in the words of apiserver.config.k8s.io/v1. */
export interface JwtIssuer {
  readonly issuer: {
    readonly url: string;
    readonly discoveryURL?: string;
    /** PEM; the system's authorities when it is absent. */
    readonly certificateAuthority?: string;
    readonly audiences: readonly string[];
    readonly audienceMatchPolicy?: 'MatchAny' | '';
  };
  readonly claimValidationRules?: readonly { readonly claim?: string; readonly requiredValue?: string; readonly expression?: string; readonly message?: string }[];
  readonly claimMappings: {
    readonly username: ClaimMapping;
    readonly groups?: ClaimMapping;
    readonly uid?: Pick<ClaimMapping, 'claim' | 'expression'>;
    readonly extra?: readonly { readonly key: string; readonly valueExpression: string }[];
  };
  readonly userValidationRules?: readonly { readonly expression: string; readonly message?: string }[];
  /** Default: the RSA and ECDSA ones of RFC 7518. Not in the file: for `--oidc-signing-algs`. */
  readonly algorithms?: readonly string[];
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtIssuer[];
  /** Default: anonymous requests are allowed on every path. */
  readonly anonymous?: { readonly enabled: boolean; readonly conditions?: readonly { readonly path: string }[] };
}

/** A file or option that says how users are known, and cannot be taken as it is; `data.path` says where. */
export class AuthenticationConfigError extends HeadwayError<{ readonly path: string }> {
  readonly code = 'authentication-config';
  readonly isRetryable = false;
}

const API_VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'];
const MAX_ISSUERS = 64;

/** @throws AuthenticationConfigError */
export function parseConfiguration(value: unknown): AuthenticationConfiguration {
  const file = value as Partial<AuthenticationConfiguration> & { readonly apiVersion?: string; readonly kind?: string };
  if (!isJsonObject(value) || !API_VERSIONS.includes(file.apiVersion ?? '') || file.kind !== 'AuthenticationConfiguration') throw wrong('apiVersion', 'must be an AuthenticationConfiguration of apiserver.config.k8s.io/v1');
  const jwt = file.jwt ?? [];
  if (!Array.isArray(jwt)) throw wrong('jwt', 'must be a list');
  if (jwt.length > MAX_ISSUERS) throw wrong('jwt', `must have at most ${MAX_ISSUERS} items`);
  jwt.forEach((issuer: JwtIssuer, i) => requireIssuer(issuer, `jwt[${i}]`));
  const urls = jwt.map((issuer: JwtIssuer) => issuer.issuer.url);
  urls.forEach((url, i) => {
    if (urls.indexOf(url) !== i) throw wrong(`jwt[${i}].issuer.url`, `Duplicate value: ${JSON.stringify(url)}`);
  });
  return { jwt, ...(file.anonymous ? { anonymous: requireAnonymous(file.anonymous) } : {}) };
}

/** @throws AuthenticationConfigError */
export function requireIssuer(value: JwtIssuer, path: string): void {
  if (!isJsonObject(value) || !isJsonObject(value.issuer)) throw wrong(`${path}.issuer`, 'Required value');
  const { issuer, claimMappings } = value;
  requireUrl(issuer.url, `${path}.issuer.url`);
  if (issuer.discoveryURL !== undefined) requireUrl(issuer.discoveryURL, `${path}.issuer.discoveryURL`);
  if (issuer.discoveryURL === issuer.url) throw wrong(`${path}.issuer.discoveryURL`, 'must be different from URL');
  requireAuthority(issuer.certificateAuthority, `${path}.issuer.certificateAuthority`);
  if (!Array.isArray(issuer.audiences) || issuer.audiences.length === 0 || issuer.audiences.some((a) => typeof a !== 'string' || a === '')) throw wrong(`${path}.issuer.audiences`, 'Required value: at least one audience');
  if (issuer.audiences.length > 1 && issuer.audienceMatchPolicy !== 'MatchAny') throw wrong(`${path}.issuer.audienceMatchPolicy`, 'audienceMatchPolicy must be MatchAny for multiple audiences');
  requireMapping(claimMappings?.username, `${path}.claimMappings.username`, true);
  requireMapping(claimMappings.groups, `${path}.claimMappings.groups`, false);
  requireMapping(claimMappings.uid, `${path}.claimMappings.uid`, false);
  for (const [i, { key, valueExpression }] of (claimMappings.extra ?? []).entries()) {
    const at = `${path}.claimMappings.extra[${i}]`;
    if (!/^[a-z0-9.-]+\/[a-z0-9._~%!$&'()*+,;=:@/-]+$/.test(key ?? '')) throw wrong(`${at}.key`, 'must be a lower-case domain-prefixed path (such as "acme.io/foo")');
    if (/(?:^|\.)(?:kubernetes|k8s)\.io$/.test(key.split('/')[0] ?? '')) throw wrong(`${at}.key`, 'k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use');
    if (!valueExpression) throw wrong(`${at}.valueExpression`, 'Required value');
  }
  for (const [i, rule] of (value.claimValidationRules ?? []).entries()) if (!rule.claim === !rule.expression) throw wrong(`${path}.claimValidationRules[${i}]`, 'exactly one of claim or expression is required');
  for (const [i, rule] of (value.userValidationRules ?? []).entries()) if (!rule.expression) throw wrong(`${path}.userValidationRules[${i}].expression`, 'Required value');
}

function requireUrl(url: unknown, path: string): void {
  const parsed = typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== 'https:') throw wrong(path, 'must be an https URL');
  if (parsed.username !== '' || parsed.password !== '') throw wrong(path, 'must not contain a username or password');
  if (parsed.search !== '' || parsed.hash !== '') throw wrong(path, 'must not contain a query or a fragment');
}

function requireAuthority(pem: unknown, path: string): void {
  if (pem === undefined || pem === '') return;
  try {
    new X509Certificate(String(pem));
  } catch {
    throw wrong(path, 'must be a certificate in PEM');
  }
}

function requireMapping(mapping: ClaimMapping | undefined, path: string, isRequired: boolean): void {
  if (mapping === undefined || (!mapping.claim && !mapping.expression)) {
    if (isRequired || mapping?.prefix) throw wrong(path, 'Required value: claim or expression is required');
    return;
  }
  if (mapping.claim && mapping.expression) throw wrong(path, 'expression and claim can not both be set');
  if (mapping.expression && mapping.prefix) throw wrong(`${path}.prefix`, 'prefix can not be set when expression is set');
}

function requireAnonymous(anonymous: NonNullable<AuthenticationConfiguration['anonymous']>): NonNullable<AuthenticationConfiguration['anonymous']> {
  const conditions = anonymous.conditions ?? [];
  if (!anonymous.enabled && conditions.length > 0) throw wrong('anonymous.conditions', 'enabled should be set to true when conditions are defined');
  if (conditions.some(({ path }) => typeof path !== 'string' || !path.startsWith('/'))) throw wrong('anonymous.conditions', 'each needs a path that begins with a slash');
  return { enabled: anonymous.enabled === true, conditions };
}

const wrong = (path: string, why: string): AuthenticationConfigError => new AuthenticationConfigError(`the authentication configuration is not valid: ${path}: ${why}`, { path });
