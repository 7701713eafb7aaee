import { connect, type ClientHttp2Session } from 'node:http2';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import { createBackoff, type Backoff } from './backoff.ts';
import { ApiUnreachableError } from './errors.ts';

export interface Http2ConnectionOptions {
  /** `https://127.0.0.1:6443`. */
  readonly server: string;
  /** PEM of the authority that signed the server's certificate. */
  readonly ca: string | Buffer;
  /** PEM client certificate and key, together or not at all. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly clock: Clock;
  readonly random: () => number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A peer that vanished without closing (power loss, cut link) is noticed after at most two of these. */
const PING_INTERVAL_MS = 5_000;
/** A server that restarts is tried often enough that its return is noticed within half a second. */
const RECONNECT_FIRST_MS = 20;
const RECONNECT_MAX_MS = 500;
/** HTTP/2's own 64 KiB would make every long list wait for round trips, and one slow watch hold up all other calls. */
const STREAM_WINDOW_BYTES = 1 << 20;
const SESSION_WINDOW_BYTES = 16 << 20;

/** One HTTP/2 session, opened when first needed and again after it was lost. Callers that wait share one attempt. */
export class Http2Connection {
  readonly #options: Http2ConnectionOptions;
  readonly #backoff: Backoff;
  #session: ClientHttp2Session | undefined;
  #opening: Promise<ClientHttp2Session> | undefined;
  #retryAtMs = 0;
  readonly #closed = new AbortController();

  constructor(options: Http2ConnectionOptions) {
    this.#options = options;
    this.#backoff = createBackoff({ firstMs: RECONNECT_FIRST_MS, maxMs: RECONNECT_MAX_MS, random: options.random });
  }

  /** The open session. After a failed attempt the next one waits for its back-off. @throws ApiUnreachableError */
  async session(): Promise<ClientHttp2Session> {
    if (this.#session && !this.#session.closed && !this.#session.destroyed) return this.#session;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  close(): void {
    this.#closed.abort(new ApiUnreachableError(this.#options.server, 'the client is closed'));
    this.#session?.destroy();
    this.#session = undefined;
  }

  async #open(): Promise<ClientHttp2Session> {
    const { clock, server } = this.#options;
    const waitMs = this.#retryAtMs - clock.monotonic();
    if (waitMs > 0) await clock.sleep(waitMs, this.#closed.signal);
    this.#closed.signal.throwIfAborted();
    try {
      const session = await this.#connect();
      this.#adopt(session);
      return session;
    } catch (error) {
      this.#retryAtMs = clock.monotonic() + this.#backoff.next();
      throw new ApiUnreachableError(server, asError(error).message, { cause: error });
    }
  }

  #connect(): Promise<ClientHttp2Session> {
    const { server, ca, cert, key, clock } = this.#options;
    return new Promise((resolve, reject) => {
      const session = connect(server, { ca, ...(cert ? { cert } : {}), ...(key ? { key } : {}), settings: { initialWindowSize: STREAM_WINDOW_BYTES } });
      const cancel = clock.after(CONNECT_TIMEOUT_MS, () => session.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_MS} ms`)));
      session.once('connect', () => {
        cancel();
        resolve(session);
      });
      session.on('error', (error) => {
        cancel();
        reject(error);
      });
      session.once('close', () => reject(new Error('the connection was closed')));
    });
  }

  #adopt(session: ClientHttp2Session): void {
    if (this.#closed.signal.aborted) {
      session.destroy();
      throw this.#closed.signal.reason as Error;
    }
    this.#session = session;
    this.#backoff.reset();
    session.setLocalWindowSize(SESSION_WINDOW_BYTES);
    const stopPings = this.#keepAlive(session);
    const forget = (): void => {
      if (this.#session === session) this.#session = undefined;
    };
    // After GOAWAY the streams that are open may end in peace; new calls need a new session.
    session.once('goaway', () => {
      forget();
      session.close();
    });
    session.once('close', () => {
      stopPings();
      forget();
      this.#retryAtMs = this.#options.clock.monotonic() + this.#backoff.next();
    });
  }

  #keepAlive(session: ClientHttp2Session): () => void {
    const { clock } = this.#options;
    let hasAnswer = true;
    let cancel = (): void => {};
    const tick = (): void => {
      if (session.destroyed) return;
      if (!hasAnswer) return void session.destroy(new Error('the server does not answer pings'));
      hasAnswer = false;
      session.ping(() => {
        hasAnswer = true;
      });
      cancel = clock.after(PING_INTERVAL_MS, tick);
    };
    cancel = clock.after(PING_INTERVAL_MS, tick);
    return () => cancel();
  }
}
