import { goKind } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { parseObject } from './compact-jws.ts';
import { during } from './during.ts';

/** What an ID token says that the protocol knows: OpenID Connect Core 1.0, section 2. */
export interface IdToken {
  readonly claims: JsonObject;
  readonly issuer: string;
  readonly audience: readonly string[];
  /** Seconds since 1970. */
  readonly expiry: number;
  readonly notBefore: number | undefined;
}

/** Beyond it, Go's times run over, and are long ago. */
const MAX_SECONDS = 2 ** 63 - 62_135_596_800;
/** Of a time that nobody set: the first second of the year 1. */
const ZERO_TIME = -62_135_596_800;

/** A claim that the protocol knows, of another type than it has, makes the token void. @throws Error in the words of go-oidc */
export function readIdToken(payload: string): IdToken {
  return during('failed to unmarshal claims', () => read(parseObject(payload, 'oidc.idToken')));
}

/** For each claim that stands elsewhere there must be a source, also for those that nobody asks for. @throws Error */
export function checkSources({ claims: { _claim_names: names, _claim_sources: sources } }: IdToken): void {
  for (const source of Object.values((names ?? {}) as JsonObject)) {
    if ((source ?? '') === '') throw new Error('failed to obtain source from claim name');
    if (!Object.hasOwn((sources ?? {}) as JsonObject, source as string)) throw new Error('source does not exist');
  }
}

function read(claims: JsonObject): IdToken {
  for (const name of ['iss', 'sub', 'nonce', 'at_hash']) text(claims[name], name);
  const { nbf, iat, exp } = claims;
  if (iat !== undefined) seconds(iat);
  members(claims['_claim_names'], '_claim_names', 'map[string]string', text);
  members(claims['_claim_sources'], '_claim_sources', 'map[string]oidc.claimSource', (source, path) => {
    if (!isJsonObject(source ?? {})) throw mismatch(source, path, 'oidc.claimSource');
    for (const name of ['endpoint', 'access_token']) text((source as JsonObject | null)?.[name], `${path}.${name}`);
  });
  return {
    claims, issuer: (claims['iss'] ?? '') as string, audience: audience(claims['aud']), expiry: exp === undefined ? ZERO_TIME : seconds(exp), notBefore: nbf === undefined || nbf === null ? undefined : seconds(nbf),
  };
}

function text(value: unknown, path: string): void {
  if (typeof (value ?? '') !== 'string') throw mismatch(value, path, 'string');
}

function members(value: unknown, path: string, type: string, check: (member: unknown, path: string) => void): void {
  if (value === undefined || value === null) return;
  if (!isJsonObject(value)) throw mismatch(value, path, type);
  for (const [name, member] of Object.entries(value)) check(member, `${path}.${name}`);
}

const mismatch = (value: unknown, path: string, type: string): Error => new Error(`json: cannot unmarshal ${goKind(value)} into Go struct field idToken.${path} of type ${type}`);

function audience(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (typeof (value ?? '') === 'string') return [(value ?? '') as string];
  if (!Array.isArray(value)) throw new Error(`json: cannot unmarshal ${goKind(value)} into Go value of type []string`);
  return value.map((item: unknown) => {
    if (typeof (item ?? '') !== 'string') throw new Error(`json: cannot unmarshal ${goKind(item)} into Go value of type string`);
    return (item ?? '') as string;
  });
}

/** A number, or the text of one, of which the whole seconds count. */
function seconds(value: unknown): number {
  if (typeof (value ?? '') === 'object' || typeof value === 'boolean') throw new Error(`json: cannot unmarshal ${goKind(value)} into Go value of type json.Number`);
  if (typeof value === 'string' && value !== '' && !/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) throw new Error(`json: invalid number literal, trying to unmarshal ${JSON.stringify(JSON.stringify(value))} into Number`);
  const number = value === null || value === '' ? Number.NaN : Math.trunc(Number(value));
  if (Number.isNaN(number)) throw new Error('strconv.ParseFloat: parsing "": invalid syntax');
  if (!Number.isFinite(number)) throw new Error(`strconv.ParseFloat: parsing ${JSON.stringify(String(value))}: value out of range`);
  return number >= MAX_SECONDS ? ZERO_TIME : number;
}
