import type { JsonObject } from '#api/json.ts';
import type { UserInfo } from '#api/transport.ts';
import { asError } from '#base/errors.ts';
import { compile, type Program } from '#policy/cel/program.ts';
import { DYN, list, map, STRING, object, type Type } from '#policy/cel/types.ts';
import { kubernetesFunctions } from '#policy/library/functions.ts';
import { fromJson, toJson } from '#policy/typing/json-value.ts';
import { AuthenticationConfigError, type ClaimMapping, type JwtIssuer } from './configuration.ts';

/** Why a token whose signature is good is nobody here. */
export type Mapped = { readonly user: UserInfo } | { readonly problem: string };

class Refused extends Error {}

const BUDGET = 1_000_000;
const FIELDS: Readonly<Record<string, Type>> = { username: STRING, uid: STRING, groups: list(STRING), extra: map(STRING, list(STRING)) };
const USER = object('UserInfo', (name) => FIELDS[name]);

type Mapping = (claims: JsonObject) => unknown;

/** From claims to a user, as one issuer's configuration says. Expressions are compiled once. @throws AuthenticationConfigError */
export class ClaimMapper {
  readonly #config: JwtIssuer;
  readonly #functions = kubernetesFunctions();
  readonly #claimRules: readonly { readonly program: Program | undefined; readonly claim: string; readonly value: string; readonly message: string }[];
  readonly #userRules: readonly { readonly program: Program; readonly message: string }[];
  readonly #username: Mapping;
  readonly #groups: Mapping | undefined;
  readonly #uid: Mapping | undefined;
  readonly #extra: readonly { readonly key: string; readonly value: Mapping }[];

  constructor(config: JwtIssuer) {
    this.#config = config;
    const { claimMappings: mappings } = config;
    this.#claimRules = (config.claimValidationRules ?? []).map(({ claim = '', requiredValue = '', expression, message = '' }) =>
      ({ program: expression ? this.#compile(expression, 'claims', DYN) : undefined, claim, value: requiredValue, message: message || (expression ?? '') }));
    this.#userRules = (config.userValidationRules ?? []).map(({ expression, message = '' }) => ({ program: this.#compile(expression, 'user', USER), message: message || expression }));
    this.#username = this.#mapping(mappings.username);
    this.#groups = isSet(mappings.groups) ? this.#mapping(mappings.groups) : undefined;
    this.#uid = isSet(mappings.uid) ? this.#mapping(mappings.uid) : undefined;
    this.#extra = (mappings.extra ?? []).map(({ key, valueExpression }) => ({ key, value: this.#mapping({ expression: valueExpression }) }));
  }

  map(claims: JsonObject): Mapped {
    try {
      this.#checkClaims(claims);
      const user = this.#userOf(claims);
      this.#checkUser(user);
      return { user };
    } catch (error) {
      return { problem: asError(error).message };
    }
  }

  #compile(expression: string, variable: string, type: Type): Program {
    try {
      return compile(expression, { functions: this.#functions, variable: (name) => (name === variable ? type : undefined) });
    } catch (cause) {
      const { url } = this.#config.issuer;
      throw new AuthenticationConfigError(`the authentication configuration is not valid: issuer ${url}: ${JSON.stringify(expression)}: compilation failed: ${asError(cause).message}`, { path: url }, { cause });
    }
  }

  #mapping({ claim, expression }: ClaimMapping): Mapping {
    if (expression === undefined || expression === '') return (claims) => claims[claim ?? ''];
    const program = this.#compile(expression, 'claims', DYN);
    return (claims) => toJson(program.evaluate({ claims: fromJson(claims) }, { remaining: BUDGET }));
  }

  #checkClaims(claims: JsonObject): void {
    for (const { program, claim, value, message } of this.#claimRules) {
      if (program === undefined) {
        if (claims[claim] !== value) throw new Refused(`claim ${claim} must be ${JSON.stringify(value)}`);
      } else if (program.evaluate({ claims: fromJson(claims) }, { remaining: BUDGET }) !== true) throw new Refused(`validation expression failed: ${message}`);
    }
  }

  #userOf(claims: JsonObject): UserInfo {
    const { claimMappings } = this.#config;
    const name = textOf(this.#username(claims), 'username');
    if (name === '') throw new Refused('the username is empty');
    // An address that nobody has proved to own could be anybody's.
    if (claimMappings.username.claim === 'email' && claims['email_verified'] !== undefined && claims['email_verified'] !== true) throw new Refused('the email is not verified');
    const groups = this.#groups ? listOf(this.#groups(claims), 'groups').map((g) => `${claimMappings.groups?.prefix ?? ''}${g}`) : [];
    const uid = this.#uid ? textOf(this.#uid(claims), 'uid') : '';
    const extra = this.#extra.map(({ key, value }) => [key, listOf(value(claims), key).filter((v) => v !== '')] as const).filter(([, values]) => values.length > 0);
    return {
      name: `${claimMappings.username.prefix ?? ''}${name}`, groups: groups.includes('system:authenticated') ? groups : [...groups, 'system:authenticated'],
      ...(uid ? { uid } : {}), ...(extra.length > 0 ? { extra: Object.fromEntries(extra) } : {}),
    };
  }

  #checkUser(user: UserInfo): void {
    if (this.#userRules.length === 0) return;
    const groups = user.groups.filter((g) => g !== 'system:authenticated');
    const value = fromJson({ username: user.name, uid: user.uid ?? '', groups, extra: user.extra ?? {} });
    for (const { program, message } of this.#userRules) if (program.evaluate({ user: value }, { remaining: BUDGET }) !== true) throw new Refused(`user validation failed: ${message}`);
  }
}

const isSet = (mapping: ClaimMapping | undefined): mapping is ClaimMapping => Boolean(mapping?.claim || mapping?.expression);

function textOf(value: unknown, what: string): string {
  if (typeof value === 'string') return value;
  throw new Refused(`the ${what} is no text`);
}

/** One text counts as a list of it; nothing as an empty one. */
function listOf(value: unknown, what: string): readonly string[] {
  if (value === undefined || value === null) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value) && value.every((v) => typeof v === 'string')) return value;
  throw new Refused(`${what} is neither a text nor a list of texts`);
}

