import type { ApiHandler, UserInfo } from '#api/transport.ts';
import type { Transport } from './transport.ts';

/** Calls the handler directly as `user`: no TLS, no encoding; authorization and admission are the handler's and stay. */
export function inProcessTransport(handler: ApiHandler, user: UserInfo, userAgent: string): Transport {
  const closed = new AbortController();
  const bounded = (signal: AbortSignal | undefined): AbortSignal => (signal ? AbortSignal.any([signal, closed.signal]) : closed.signal);
  return {
    request: (request) => handler.handle({ ...request, userAgent }, user),
    watch: (request) => handler.watch({ ...request, userAgent, signal: bounded(request.signal) }, user),
    close: () => closed.abort(new Error('the client is closed')),
  };
}
