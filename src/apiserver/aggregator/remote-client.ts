import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { asError } from '#base/errors.ts';
import type { UserInfo } from '#api/transport.ts';
import type { Environment } from '../environment.ts';
import { dialText } from '../webhook/dial-text.ts';
import { targetOf, TargetProblem } from '../webhook/target.ts';
import type { RemoteService } from './api-service.ts';
import { AGGREGATOR, remoteTls, userHeaders } from './front-proxy.ts';
import { textOf } from '../webhook/answer-text.ts';

export interface RemoteAnswer {
  readonly status: number;
  readonly text: string;
}

export interface RemoteRequest {
  readonly method?: string;
  /** Path and query. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  /** Default is the API server itself. */
  readonly user?: UserInfo;
  /** Default checks what the APIService says. */
  readonly isChecked?: boolean;
  readonly timeoutMs: number;
}


/** Where an extension API server is at present. @throws TargetProblem */
export function addressOf(env: Pick<Environment, 'cache'>, remote: RemoteService): { readonly host: string; readonly port: number } {
  return targetOf(env.cache, { service: remote.service }, 1_000, (count) => Math.floor(Math.random() * count));
}

/** Small requests of the server's own to extension API servers. @throws Error in the words of Go */
export async function askRemote(env: Pick<Environment, 'cache' | 'pki' | 'clock'>, remote: RemoteService, wanted: RemoteRequest): Promise<RemoteAnswer> {
  const deadline = new AbortController();
  const cancel = env.clock.after(wanted.timeoutMs, () => deadline.abort());
  try {
    const answer = await send(env, remote, wanted, deadline.signal);
    return { status: answer.statusCode ?? 0, text: await textOf(answer) };
  } catch (error) {
    if (error instanceof TargetProblem) throw new Error(error.message, { cause: error });
    throw deadline.signal.aborted ? new Error('context deadline exceeded', { cause: error }) : error;
  } finally {
    cancel();
  }
}

function send(env: Pick<Environment, 'cache' | 'pki'>, remote: RemoteService, wanted: RemoteRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', path, body, contentType = 'application/json', user = AGGREGATOR, isChecked = true } = wanted;
  const address = addressOf(env, remote);
  const tls = remoteTls(env.pki, remote, isChecked);
  const headers = { host: `${tls.servername}:${remote.service.port}`, accept: 'application/json', ...(body === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(body)) }), ...userHeaders(user) } as Record<string, string | string[]>;
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: address.host, port: address.port, path, method, headers, signal, agent: false, ...tls }, resolve);
    outgoing.on('error', (error) => reject(new Error(dialText(address, asError(error)), { cause: error })));
    outgoing.end(body);
  });
}
