import type { JWTPayload, JWTVerifyOptions } from 'jose';
import type { TokenKey } from '../pki/token-keys.ts';

/** The claims of a token that one of the keys has signed and that is what the options ask for; undefined for all others. */
export async function verifyJwt(token: string, keys: readonly TokenKey[], options: JWTVerifyOptions): Promise<JWTPayload | undefined> {
  const { jwtVerify, errors } = await import('jose');
  for (const key of keys) {
    try {
      return (await jwtVerify(token, key.publicKey, { ...options, algorithms: [key.algorithm] })).payload;
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
    }
  }
  return undefined;
}

/** Why none of the keys has signed a token, in the words of Kubernetes. */
export const unverified = (keys: readonly TokenKey[]): string => (keys.length === 0 ? 'invalid signature, no keys found' : 'go-jose/go-jose: error in cryptographic primitive');
