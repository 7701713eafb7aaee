import type { KeyObject } from 'node:crypto';
import { goKind } from '#api/go-text.ts';
import { isJsonObject, type JsonObject } from '#api/json.ts';
import { findDuplicates } from '#api/json-duplicates.ts';
import { jsonFault } from '#api/json-fault.ts';
import { during } from './during.ts';

/** A signed token in its compact form (RFC 7515, section 7.1), read and not verified. */
export interface CompactJws {
  readonly algorithm: string;
  /** Empty when the token does not say who has signed it. */
  readonly keyId: string;
  readonly header: JsonObject;
  readonly payload: string;
  /** Without white space. */
  readonly text: string;
}

const TEXTS: readonly (readonly [member: string, name: string])[] = [['kid', 'key ID'], ['alg', 'algorithm'], ['nonce', 'nonce']];

/** @throws Error in the words of go-jose */
export function parseJws(token: string): CompactJws {
  const text = token.replaceAll(/\s/g, '');
  const [head = '', payload = '', signature, ...rest] = text.split('.');
  if (signature === undefined || rest.length > 0) throw new Error('go-jose/go-jose: compact JWS format must have three parts');
  const header = headerOf(decode(head));
  const decoded = decode(payload).toString();
  decode(signature);
  for (const [member, name] of TEXTS) {
    const value = header[member];
    if (value !== undefined && value !== null && typeof value !== 'string') throw new Error(`failed to unmarshal ${name}: json: cannot unmarshal ${goKind(value)} into Go value of type string: ${JSON.stringify(JSON.stringify(value))}`);
  }
  return { algorithm: textOf(header['alg']), keyId: textOf(header['kid']), header, payload: decoded, text };
}

/** Who says to have made a token, which anybody may say. @throws Error for what is no token */
export function untrustedIssuer(token: string): string {
  if (token.trim().startsWith('{')) throw new Error('token is not compact JWT');
  const parts = token.split('.');
  if (parts.length !== 3) throw new Error('malformed token');
  const text = during('error decoding token', () => decode(parts[1] ?? '').toString());
  const { iss } = during('while unmarshaling token', () => parseObject(text, 'struct { Issuer string "json:\\"iss\\"" }'));
  if (typeof (iss ?? '') !== 'string') throw new Error(`while unmarshaling token: json: cannot unmarshal ${goKind(iss)} into Go struct field .iss of type string`);
  return textOf(iss);
}

/** Whether the key has signed it, and the token asks for nothing that would have to be understood. */
export async function isSignedBy({ algorithm, header: { b64 }, text }: CompactJws, key: KeyObject): Promise<boolean> {
  if (b64 === false) return false;
  const { compactVerify } = await import('jose');
  return compactVerify(text, key, { algorithms: [algorithm] }).then(() => true, () => false);
}

/** @throws Error in Go's words */
export function parseObject(text: string, type: string): JsonObject {
  const fault = jsonFault(text);
  if (fault !== undefined) throw new Error(fault);
  const value: unknown = JSON.parse(text);
  if (value === null) return {};
  if (!isJsonObject(value)) throw new Error(`json: cannot unmarshal ${goKind(value)} into Go value of type ${type}`);
  return value;
}

function headerOf(bytes: Buffer): JsonObject {
  if (bytes.length === 0) return {};
  const text = bytes.toString();
  const header = parseObject(text, 'jose.rawHeader');
  const [repeated] = findDuplicates(text);
  if (repeated !== undefined) throw new Error(`json: duplicate key '${repeated.key}' in object`);
  return header;
}

/** Base64 for URLs without padding, and nothing besides. */
function decode(text: string): Buffer {
  const wrong = text.search(/[^\w-]/);
  if (wrong >= 0 || text.length % 4 === 1) throw new Error(`illegal base64 data at input byte ${wrong >= 0 ? wrong : text.length - 1}`);
  return Buffer.from(text, 'base64url');
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
