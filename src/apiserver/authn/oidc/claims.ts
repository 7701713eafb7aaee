import type { JsonObject } from '#api/json.ts';
import type { UserInfo } from '#api/transport.ts';
import { asError } from '#base/errors.ts';
import type { Program } from '#policy/cel/program.ts';
import type { Value } from '#policy/cel/values.ts';
import { claimsValue, userValue } from './claim-expressions.ts';
import { boolOf, listOf, textOf, texts } from './claim-values.ts';
import { AuthenticationConfigError, type ClaimMapping, type JwtIssuer } from './configuration.ts';
import { during } from './during.ts';
import { compileExpression } from './expressions.ts';

/** Why a token whose signature is good is nobody here. */
export type Mapped = { readonly user: UserInfo } | { readonly problem: string };

class Refused extends Error {}

const BUDGET = 1_000_000;
const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id';
const CLAIM_RULE = 'oidc: error evaluating claim validation expression';
const USER_RULE = 'oidc: error evaluating user info validation rule';

interface Rule {
  readonly expression: string;
  readonly message: string;
  readonly program: Program;
}

/** From claims to a user, as one issuer's configuration says; refusals are worded as Kubernetes words them. Expressions are compiled once. @throws AuthenticationConfigError */
export class ClaimMapper {
  readonly #config: JwtIssuer;
  readonly #programs = new Map<string, Program>();
  readonly #claimRules: readonly Rule[];
  readonly #userRules: readonly Rule[];

  constructor(config: JwtIssuer) {
    this.#config = config;
    const rule = (variable: 'claims' | 'user', { expression = '', message = '' }: { readonly expression?: string; readonly message?: string }): Rule => ({ expression, message, program: this.#compile(expression, variable, true) });
    this.#claimRules = (config.claimValidationRules ?? []).filter(({ expression }) => expression).map((r) => rule('claims', r));
    this.#userRules = (config.userValidationRules ?? []).map((r) => rule('user', r));
    const { username, groups, uid, extra = [] } = config.claimMappings;
    for (const expression of [username.expression, groups?.expression, uid?.expression, ...extra.map((e) => e.valueExpression)]) if (expression) this.#programs.set(expression, this.#compile(expression, 'claims', false));
  }

  map(claims: JsonObject): Mapped {
    try {
      const user = this.#userOf(claims);
      this.#checkClaims(claims);
      this.#checkUser(user);
      return { user };
    } catch (error) {
      return { problem: asError(error).message };
    }
  }

  #compile(expression: string, variable: 'claims' | 'user', isCondition: boolean): Program {
    const compiled = compileExpression(expression, variable, isCondition);
    if ('program' in compiled) return compiled.program;
    const { url } = this.#config.issuer;
    throw new AuthenticationConfigError(`the authentication configuration is not valid: issuer ${url}: ${JSON.stringify(expression)}: ${compiled.fault}`, { path: url });
  }

  #evaluate(expression: string, claims: JsonObject): Value | undefined {
    const program = this.#programs.get(expression);
    return program && evaluated(expression, () => program.evaluate({ claims: claimsValue(claims) }, { remaining: BUDGET }));
  }

  #userOf(claims: JsonObject): UserInfo {
    const name = this.#username(claims);
    const groups = this.#groups(claims);
    const uid = this.#uid(claims);
    const extra = this.#extra(claims);
    return { name, groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'], ...(uid ? { uid } : {}), ...(Object.keys(extra).length > 0 ? { extra } : {}) };
  }

  #username(claims: JsonObject): string {
    const { claim = '', prefix = '', expression } = this.#config.claimMappings.username;
    if (expression) {
      const given = during('oidc: error evaluating username claim expression', () => requireText(this.#evaluate(expression, claims), 'username'));
      if (given === '') throw new Refused('oidc: empty username via CEL expression is not allowed');
      return given;
    }
    const name = during(`oidc: parse username claims ${JSON.stringify(claim)}`, () => textOf(claims, claim));
    // An address that nobody has proved to own could be anybody's.
    if (claim === 'email' && claims['email_verified'] !== undefined && !during("oidc: parse 'email_verified' claim", () => boolOf(claims, 'email_verified'))) throw new Refused('oidc: email not verified');
    return `${prefix}${name}`;
  }

  #groups(claims: JsonObject): readonly string[] {
    const { claim, prefix = '', expression }: ClaimMapping = this.#config.claimMappings.groups ?? {};
    if (expression) return during('oidc: error evaluating group claim expression', () => texts(this.#evaluate(expression, claims)));
    if (!claim || claims[claim] === undefined) return [];
    return during(`oidc: parse groups claim ${JSON.stringify(claim)}`, () => listOf(claims, claim)).map((group) => `${prefix}${group}`);
  }

  #uid(claims: JsonObject): string {
    const { claim, expression }: ClaimMapping = this.#config.claimMappings.uid ?? {};
    if (expression) return during('oidc: error evaluating uid claim expression', () => requireText(this.#evaluate(expression, claims), 'uid'));
    return claim ? during(`oidc: parse uid claim ${JSON.stringify(claim)}`, () => textOf(claims, claim)) : '';
  }

  #extra(claims: JsonObject): Readonly<Record<string, readonly string[]>> {
    const { jti } = claims;
    const own = (this.#config.claimMappings.extra ?? []).map(({ key, valueExpression }) => {
      const value = this.#evaluate(valueExpression, claims);
      return [key, during(`oidc: error evaluating extra claim expression: ${valueExpression}`, () => texts(value))] as const;
    });
    return Object.fromEntries([...(typeof jti === 'string' && jti !== '' ? [[CREDENTIAL_ID, [`JTI=${jti}`]] as const] : []), ...own.filter(([, values]) => values.length > 0)]);
  }

  #checkClaims(claims: JsonObject): void {
    for (const { claim, requiredValue = '' } of this.#config.claimValidationRules ?? []) {
      if (!claim) continue;
      if (claims[claim] === undefined) throw new Refused(`oidc: required claim ${claim} not present in ID token`);
      const value = during(`oidc: parse claim ${claim}`, () => textOf(claims, claim));
      if (value !== requiredValue) throw new Refused(`oidc: required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`);
    }
    if (this.#claimRules.length > 0) during(CLAIM_RULE, () => checkRules(this.#claimRules, { claims: claimsValue(claims) }));
  }

  #checkUser(user: UserInfo): void {
    if (this.#userRules.length === 0) return;
    const own = userValue({ ...user, groups: user.groups.filter((g) => g !== 'system:authenticated') });
    during(USER_RULE, () => checkRules(this.#userRules, { user: own }));
  }
}

/** All are evaluated before any counts. */
function checkRules(rules: readonly Rule[], variables: Parameters<Program['evaluate']>[0]): void {
  const results = rules.map(({ expression, program }) => evaluated(expression, () => program.evaluate(variables, { remaining: BUDGET })));
  const broken = rules[results.findIndex((result) => result !== true)];
  if (broken) throw new Refused(`validation expression '${broken.expression}' failed: ${broken.message}`);
}

function evaluated<T>(expression: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Refused(`expression '${expression}' resulted in error: ${asError(error).message}`, { cause: error });
  }
}

function requireText(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Refused(`${what} claim expression must return a string`);
}
