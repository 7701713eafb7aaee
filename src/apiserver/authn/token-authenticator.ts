import type { UserInfo } from '#api/transport.ts';

/** Knows one kind of bearer token. */
export interface TokenAuthenticator {
  /** Whom the token stands for; undefined when it is not of this kind, or not valid. Never throws, whatever the token holds. */
  authenticate(token: string): UserInfo | undefined | Promise<UserInfo | undefined>;
  /** Why a token of this kind is not valid, for who reviews it. Absent: nothing is told but that it is not. */
  whyRefused?(token: string): Promise<string | undefined>;
}

/** Longer than any token that a header may carry; what is larger is not even looked at. */
export const MAX_TOKEN_LENGTH = 65_536;
