import type { ServerHttp2Session } from 'node:http2';
import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { inSlices } from '#base/in-slices.ts';

/** Says whether a connection has stalled, by what it saw the last time. Looked at again and again, at equal intervals. */
export type Look = () => boolean;

/** Connections that are looked at in a turn of the event loop: each may be sent a PING. */
const SLICE = 100;

/**
 * Ends connections whose clients take nothing of what is written to them. Node reads no more from such a client and waits, and so does a session that is destroyed:
 * neither ends by itself, and each holds some MiB of the kernel's memory.
 */
export class StalledConnections {
  readonly #intervalMs: number;
  readonly #looks = new Map<Duplex, Look>();
  #isWaiting = false;

  /** `intervalMs`: between two looks, of which two or three in a row have to find a connection stalled. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Until the socket is closed. */
  add(socket: Duplex, look: Look): void {
    this.#looks.set(socket, look);
    socket.once('close', () => this.#looks.delete(socket));
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isWaiting || this.#looks.size === 0) return;
    this.#isWaiting = true;
    // Not at once: what has come while the process stood still is read first.
    setTimeout(() => setImmediate(() => void this.#look()), this.#intervalMs).unref();
  }

  async #look(): Promise<void> {
    await inSlices([...this.#looks], SLICE, (slice) => {
      for (const [socket, isStalled] of slice) if (!socket.destroyed && isStalled()) socket.destroy();
    });
    this.#isWaiting = false;
    this.#schedule();
  }
}

/**
 * Who sends nothing is asked with a PING. The session has stalled when that lies unsent at the next look, or when Node sends no more of them, since so many
 * (`maxOutstandingPings`) were not answered; or when it was destroyed at the last look and its socket is open still.
 */
export function lookAtSession(session: Pick<ServerHttp2Session, 'destroyed' | 'ping' | 'state'>, socket: Pick<TLSSocket, 'bytesRead'>): Look {
  let before = { bytesRead: -1, isAsked: false, isDestroyed: false };
  return () => {
    const { bytesRead, isAsked, isDestroyed } = before;
    const isSilent = socket.bytesRead === bytesRead;
    before = { bytesRead: socket.bytesRead, isAsked: isSilent, isDestroyed: session.destroyed };
    if (session.destroyed) return isDestroyed;
    return isSilent && ((isAsked && (session.state.outboundQueueSize ?? 0) > 0) || session.ping(() => undefined) === false);
  };
}

/** Of a connection over HTTP/1.1: an answer that is whole lies there since the last look. Those that go on, such as watches, may be read as slowly as their client likes. */
export function lookAtAnswer(present: () => Pick<ServerResponse, 'writableEnded' | 'writableFinished'> | undefined): Look {
  let before: unknown;
  return () => {
    const answer = present();
    const untaken = answer?.writableEnded && !answer.writableFinished ? answer : undefined;
    const isStalled = untaken !== undefined && untaken === before;
    before = untaken;
    return isStalled;
  };
}
