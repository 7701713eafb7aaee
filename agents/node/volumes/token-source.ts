import type { TokenRequest } from '#api/generated/authentication/v1.ts';
import type { Pod, ServiceAccountTokenProjection } from '#api/generated/core/v1.ts';
import { SERVICE_ACCOUNTS } from '#api/resources.ts';
import type { Clock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';

const DEFAULT_EXPIRATION_S = 3600;
/** A token is replaced when this part of its life is over, or after a day at the latest. */
const REFRESH_AT = 0.8;
const MAX_AGE_MS = 24 * 3600_000;

interface Issued {
  readonly token: string;
  readonly refreshAt: number;
}

/** Tokens of service accounts, bound to one pod. */
export class TokenSource {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #issued = new Map<string, Issued>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A token that is good for a while yet, and when to ask again. While the API is away, the old one as long as there is one. */
  async token(pod: Pod, wanted: ServiceAccountTokenProjection): Promise<Issued> {
    const key = `${pod.metadata.uid}/${wanted.audience ?? ''}/${wanted.expirationSeconds ?? ''}`;
    const known = this.#issued.get(key);
    const now = this.#clock.now();
    if (known && known.refreshAt > now) return known;
    try {
      const issued = await this.#request(pod, wanted, now);
      this.#issued.set(key, issued);
      return issued;
    } catch (error) {
      if (known) return { ...known, refreshAt: now + 10_000 };
      throw error;
    }
  }

  forget(podUid: string): void {
    for (const key of this.#issued.keys()) if (key.startsWith(`${podUid}/`)) this.#issued.delete(key);
  }

  async #request(pod: Pod, wanted: ServiceAccountTokenProjection, now: number): Promise<Issued> {
    const target = { namespace: pod.metadata.namespace, name: pod.spec.serviceAccountName ?? 'default' };
    const answer = await this.#client.createSubresource<TokenRequest>(SERVICE_ACCOUNTS, target, 'token', {
      apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {},
      spec: {
        audiences: wanted.audience ? [wanted.audience] : [],
        expirationSeconds: wanted.expirationSeconds ?? DEFAULT_EXPIRATION_S,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid },
      },
    });
    const expiresAt = Date.parse(answer.status?.expirationTimestamp ?? '') || now + DEFAULT_EXPIRATION_S * 1000;
    return { token: answer.status?.token ?? '', refreshAt: now + Math.min(MAX_AGE_MS, (expiresAt - now) * REFRESH_AT) };
  }
}
