import { isJsonObject, type JsonObject } from '#api/json.ts';

/** What a JWT says of itself, not verified: only to choose who shall verify it. */
export interface UnverifiedJwt {
  readonly keyId: string | undefined;
  readonly issuer: string | undefined;
}

/** Undefined for anything that is no JWT. */
export function peekJwt(token: string): UnverifiedJwt | undefined {
  const decoded = decodeJwt(token);
  return decoded && { keyId: textOf(decoded.header['kid']), issuer: textOf(decoded.claims['iss']) };
}

/** All that it says, not verified either. */
function decodeJwt(token: string): { readonly header: JsonObject; readonly claims: JsonObject } | undefined {
  const [header, payload, signature, ...rest] = token.split('.');
  if (!header || !payload || !signature || rest.length > 0) return undefined;
  const [head, claims] = [parsePart(header), parsePart(payload)];
  return head && claims && { header: head, claims };
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
