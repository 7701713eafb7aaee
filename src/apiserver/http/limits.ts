import type { SecureServerOptions, ServerOptions } from 'node:http2';

/** Lists of thousands of objects pass in few round trips. */
export const WINDOW_BYTES = 4 * 1024 * 1024;
/** Streams of one connection at a time; clients queue what is more. As Go's own server. */
const MAX_STREAMS = 250;
/** MB of answers that wait for one client. Node's own bound of 10 refuses the third list of 4 MB that a connection asks for at once. */
const MAX_SESSION_MEMORY = 512;
/** All headers of a request; service account tokens and impersonation fit many times. */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_HEADERS = 128;
/** Streams that a client may reset at once, and each second from then on: more only costs the server (rapid reset, CVE-2023-44487). */
const RESET_BURST = 1_000;
const RESETS_PER_SECOND = 100;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** Head and body of a request over HTTP/1.1; over HTTP/2 the time that any request may take counts. */
const REQUEST_TIMEOUT_MS = 60_000;
/** Longer than the pauses of clients and load balancers, which else meet a connection that is being closed. */
const KEEP_ALIVE_TIMEOUT_MS = 120_000;

/** As long as a request may take. */
export const STALL_INTERVAL_MS = 60_000;

/** How often connections are looked at that take too long. */
const CHECK_INTERVAL_MS = 5_000;

/** What one HTTP/1.1 connection may take; Node's HTTP/2 server has them as properties and looks for none in its options. */
export interface Http1Limits {
  /** Milliseconds, all of them. */
  readonly headersTimeout: number;
  readonly requestTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
  /** Bytes. */
  readonly maxHeaderSize: number;
}
export const HTTP1_LIMITS: Http1Limits = {
  headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS, connectionsCheckingInterval: CHECK_INTERVAL_MS, maxHeaderSize: MAX_HEADER_BYTES,
};

/** What one client may take of the server over HTTP/2. */
export const LIMITS: SecureServerOptions & ServerOptions = {
  maxSessionMemory: MAX_SESSION_MEMORY, maxHeaderListPairs: MAX_HEADERS, maxOutstandingPings: 10, maxSettings: 32,
  maxSessionInvalidFrames: 100, maxSessionRejectedStreams: 100, streamResetBurst: RESET_BURST, streamResetRate: RESETS_PER_SECOND,
  settings: { initialWindowSize: WINDOW_BYTES, maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADER_BYTES, enableConnectProtocol: false },
  handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
};
