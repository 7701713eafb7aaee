import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { StatusError } from '#api/status-error.ts';
import type { AgentTarget, AgentTls } from './agent-target.ts';

export interface AgentStream {
  readonly status: number;
  readonly contentType: string;
  /** Ends when the agent ends it; destroy it when the client goes away. */
  readonly body: IncomingMessage;
}

export interface StreamOptions {
  readonly target: AgentTarget;
  /** With query: `/containerLogs/ns/pod/container?follow=true`. */
  readonly path: string;
  readonly tls: AgentTls;
  /** Aborts with the client's request. */
  readonly signal: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 10_000;

/** GET from a node agent, body not buffered. @throws StatusError ServiceUnavailable when the agent cannot be reached */
export function streamFromAgent({ target, path, tls, signal }: StreamOptions): Promise<AgentStream> {
  return new Promise((resolve, reject) => {
    // No pooled connection: a followed log holds one for hours.
    const agent = new Agent({ ...tls, keepAlive: false });
    const call = request({ ...target, path, agent, signal, timeout: CONNECT_TIMEOUT_MS }, (body) => {
      call.setTimeout(0);
      resolve({ status: body.statusCode ?? 502, contentType: body.headers['content-type'] ?? 'text/plain', body });
    });
    call.once('timeout', () => call.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)));
    call.once('error', (cause) => {
      reject(signal.aborted ? (signal.reason as Error) : new StatusError('ServiceUnavailable', `the agent at ${target.host}:${target.port} cannot be reached: ${cause.message}`, { cause }));
    });
    call.end();
  });
}
