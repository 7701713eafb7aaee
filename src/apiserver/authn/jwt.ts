import { isJsonObject, type JsonObject } from '#api/json.ts';

/** What a JWT says of itself, not verified: only to choose who shall verify it. */
export interface UnverifiedJwt {
  readonly keyId: string | undefined;
  readonly issuer: string | undefined;
}

/** Undefined for anything that is no JWT. */
export function peekJwt(token: string): UnverifiedJwt | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) return undefined;
  const [head, claims] = [parsePart(header), parsePart(payload)];
  if (head === undefined || claims === undefined) return undefined;
  return { keyId: textOf(head['kid']), issuer: textOf(claims['iss']) };
}

function parsePart(part: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
