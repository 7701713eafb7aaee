import type { Transport } from './transport.ts';

/** Sends every call as another user. Shares the connection: closing it closes both. */
export const impersonating = (transport: Transport, user: string): Transport => ({
  request: (request) => transport.request({ ...request, impersonate: user }),
  watch: (request) => transport.watch({ ...request, impersonate: user }),
  close: () => transport.close(),
});
