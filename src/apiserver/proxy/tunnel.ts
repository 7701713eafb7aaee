import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** A client's connection that shall change its protocol. */
export interface Tunnel {
  readonly request: IncomingMessage;
  readonly client: TLSSocket;
  /** What came after the request's head. */
  readonly head: Buffer;
  /** Is told the status of the answer: 101, or why not. */
  answered(status: number): void;
}
