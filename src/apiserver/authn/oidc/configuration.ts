import { isJsonObject } from '#api/json.ts';
import { Problems } from '#api/validation/problems.ts';
import { HeadwayError } from '#base/errors.ts';
import { ISSUER_SHAPE, misfit } from './configuration-fields.ts';
import { checkIssuer } from './validate-issuer.ts';

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
    readonly audienceMatchPolicy?: string;
    /** Refused: there are no egress selectors. */
    readonly egressSelectorType?: string;
  };
  readonly claimValidationRules?: readonly { readonly claim?: string; readonly requiredValue?: string; readonly expression?: string; readonly message?: string }[];
  readonly claimMappings: {
    readonly username: ClaimMapping;
    readonly groups?: ClaimMapping;
    readonly uid?: Pick<ClaimMapping, 'claim' | 'expression'>;
    readonly extra?: readonly { readonly key: string; readonly valueExpression: string }[];
  };
  readonly userValidationRules?: readonly { readonly expression: string; readonly message?: string }[];
  /** Default: {@link ALGORITHMS}. Not in the file: for `--oidc-signing-algs`. */
  readonly algorithms?: readonly string[];
}

export interface AuthenticationConfiguration {
  readonly jwt: readonly JwtIssuer[];
  /** Default: anonymous requests are allowed on every path. */
  readonly anonymous?: { readonly enabled: boolean; readonly conditions?: readonly { readonly path: string }[] };
  /** Not in the file: for `--service-account-extend-token-expiration`. Default true. */
  readonly extendsPodTokens?: boolean;
}

/** A file or option that says how users are known, and cannot be taken as it is; `data.path` says where. */
export class AuthenticationConfigError extends HeadwayError<{ readonly path: string }> {
  readonly code = 'authentication-config';
  readonly isRetryable = false;
}

/** Those that sign with a key whose public half may be known. */
export const ALGORITHMS: readonly string[] = ['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'];
const API_VERSIONS = ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1'];
const MEMBERS: readonly string[] = ['apiVersion', 'kind', 'jwt', 'anonymous'];
const MAX_ISSUERS = 64;

/** @throws AuthenticationConfigError */
export function parseConfiguration(value: unknown): AuthenticationConfiguration {
  const file = value as Partial<AuthenticationConfiguration> & { readonly apiVersion?: string; readonly kind?: string };
  if (!isJsonObject(value) || !API_VERSIONS.includes(file.apiVersion ?? '') || file.kind !== 'AuthenticationConfiguration') throw wrong('apiVersion', 'must be an AuthenticationConfiguration of apiserver.config.k8s.io/v1');
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw wrong(unknown, 'unknown field');
  const jwt = file.jwt ?? [];
  if (!Array.isArray(jwt)) throw wrong('jwt', 'must be a list');
  requireIssuers(jwt as readonly JwtIssuer[]);
  return { jwt, ...(file.anonymous ? { anonymous: requireAnonymous(file.anonymous) } : {}) };
}

/** @throws AuthenticationConfigError that tells all that is wrong with them */
export function requireIssuers(issuers: readonly JwtIssuer[]): void {
  const problems = new Problems();
  if (issuers.length > MAX_ISSUERS) problems.tooMany('jwt', issuers.length, MAX_ISSUERS);
  else for (const [i, issuer] of issuers.entries()) {
    const path = `jwt[${i}]`;
    const found = misfit(issuer ?? {}, ISSUER_SHAPE, path);
    if (found) throw wrong(found.path, found.why);
    checkIssuer(problems, issuer ?? {}, path);
    for (const member of ['url', 'discoveryURL'] as const) {
      const own = issuer?.issuer?.[member];
      if (own && issuers.findIndex((other) => other?.issuer?.[member] === own) !== i) problems.duplicate(`${path}.issuer.${member}`, own);
    }
  }
  const [first] = problems.causes;
  if (first === undefined) return;
  const texts = problems.causes.map(({ field, message }) => `${field}: ${message}`);
  throw new AuthenticationConfigError(`the authentication configuration is not valid: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`, { path: first.field ?? '' });
}

function requireAnonymous(anonymous: NonNullable<AuthenticationConfiguration['anonymous']>): NonNullable<AuthenticationConfiguration['anonymous']> {
  const conditions = anonymous.conditions ?? [];
  if (!anonymous.enabled && conditions.length > 0) throw wrong('anonymous.conditions', 'enabled should be set to true when conditions are defined');
  if (conditions.some(({ path }) => typeof path !== 'string' || !path.startsWith('/'))) throw wrong('anonymous.conditions', 'each needs a path that begins with a slash');
  return { enabled: anonymous.enabled === true, conditions };
}

const wrong = (path: string, why: string): AuthenticationConfigError => new AuthenticationConfigError(`the authentication configuration is not valid: ${path}: ${why}`, { path });
