import { Problems } from '#api/validation/problems.ts';
import { asError, HeadwayError } from '#base/errors.ts';
import { type ConfigurationKind, readConfiguration } from '../../configuration/read-configuration.ts';
import { AUTHENTICATION_SHAPE } from './configuration-shape.ts';
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
  readonly anonymous?: { readonly enabled: boolean; readonly conditions?: readonly { readonly path?: string }[] };
  /** Where it stands, when it is a file, which may change: of that the issuers are put in force anew. */
  readonly file?: { readonly path: string; readonly data: Buffer };
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
const PREFIX = 'the authentication configuration is not valid: ';
const KIND: ConfigurationKind = {
  kind: 'AuthenticationConfiguration', shape: AUTHENTICATION_SHAPE, apiVersions: ['apiserver.config.k8s.io/v1', 'apiserver.config.k8s.io/v1beta1', 'apiserver.config.k8s.io/v1alpha1'],
};
const MAX_ISSUERS = 64;

/** What stands in a file. @throws AuthenticationConfigError */
export function parseConfiguration(bytes: Buffer): AuthenticationConfiguration {
  const { jwt = [], anonymous } = readOrRefuse(bytes);
  const problems = new Problems();
  checkIssuers(problems, jwt);
  if (jwt.length <= MAX_ISSUERS && anonymous) checkAnonymous(problems, anonymous);
  refuseIfAny(problems);
  return { jwt, ...(anonymous ? { anonymous: { ...anonymous, enabled: anonymous.enabled === true } } : {}) };
}

function readOrRefuse(bytes: Buffer): Partial<AuthenticationConfiguration> {
  try {
    return readConfiguration(bytes, KIND);
  } catch (cause) {
    throw new AuthenticationConfigError(`${PREFIX}${asError(cause).message}`, { path: '' }, { cause });
  }
}

/** @throws AuthenticationConfigError that tells all that is wrong with them */
export function requireIssuers(issuers: readonly JwtIssuer[]): void {
  const problems = new Problems();
  checkIssuers(problems, issuers);
  refuseIfAny(problems);
}

function checkIssuers(problems: Problems, issuers: readonly JwtIssuer[]): void {
  if (issuers.length > MAX_ISSUERS) problems.tooMany('jwt', issuers.length, MAX_ISSUERS);
  else for (const [i, issuer] of issuers.entries()) {
    const path = `jwt[${i}]`;
    checkIssuer(problems, issuer, path);
    for (const member of ['url', 'discoveryURL'] as const) {
      const own = issuer.issuer?.[member] ?? '';
      const isGiven = member === 'url' || own !== '';
      if (isGiven && issuers.findIndex((other) => (other.issuer?.[member] ?? '') === own) !== i) problems.duplicate(`${path}.issuer.${member}`, own);
    }
  }
}

function checkAnonymous(problems: Problems, { enabled, conditions = [] }: NonNullable<AuthenticationConfiguration['anonymous']>): void {
  if (enabled || conditions.length === 0) return;
  problems.invalid('anonymous.conditions', conditions.map(({ path = '' }) => ({ Path: path })), 'enabled should be set to true when conditions are defined');
}

function refuseIfAny({ causes }: Problems): void {
  const [first] = causes;
  if (first === undefined) return;
  const texts = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  throw new AuthenticationConfigError(`${PREFIX}${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`, { path: first.field ?? '' });
}
