import { isIP } from 'node:net';
import { canonicalAddress } from '#api/ip.ts';
import { StatusError } from '#api/status-error.ts';
import type { ActiveRequest, Origin } from '../requests/active-request.ts';
import type { Exchange } from './exchange.ts';

type Received = Pick<Exchange, 'method' | 'url' | 'headers' | 'socket' | 'signal'>;

/** What is recorded of a request over HTTPS. A class, because its methods are made once and not for every request. */
export class HttpOrigin implements Origin {
  readonly #exchange: Received;
  readonly #onExpire: () => void;
  #sourceIps: readonly string[] | undefined;

  /** `onExpire` answers when the request takes too long. */
  constructor(exchange: Received, onExpire: () => void) {
    this.#exchange = exchange;
    this.#onExpire = onExpire;
  }

  get method(): string {
    return this.#exchange.method;
  }

  get userAgent(): string {
    return this.#exchange.headers['user-agent'] ?? '';
  }

  get auditId(): string | undefined {
    return textOf(this.#exchange.headers['audit-id']);
  }

  uri(): string {
    return this.#exchange.url;
  }

  sourceIps(): readonly string[] {
    this.#sourceIps ??= sourceIps(this.#exchange);
    return this.#sourceIps;
  }

  readonly signal = (): AbortSignal => this.#exchange.signal;

  expire(): void {
    this.#onExpire();
  }
}

/** As in Kubernetes: what proxies say, as far as it is addresses, then who is connected. */
function sourceIps({ headers, socket }: Received): readonly string[] {
  const told = (textOf(headers['x-forwarded-for']) ?? '').split(',').flatMap((ip) => goAddress(ip.trim()) ?? []);
  const real = goAddress(textOf(headers['x-real-ip']) ?? '');
  if (real !== undefined && !told.includes(real)) told.push(real);
  const connected = addressOf(socket);
  const remoteAddress = connected === undefined ? undefined : (goAddress(connected) ?? connected);
  return remoteAddress === undefined || told.at(-1) === remoteAddress ? told : [...told, remoteAddress];
}

/** As Go reads an address, with zeros in front in IPv4, and writes it, in one form only; undefined for what is none. */
function goAddress(text: string): string | undefined {
  const address = text.includes(':') ? text : text.replace(/(?<=^|\.)0+(?=\d)/g, '');
  if (isIP(address) === 0 || address.includes('%')) return undefined;
  return canonicalAddress(address).replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Undefined when the client is gone: the socket of an HTTP/2 session that has ended throws whatever it is asked. */
function addressOf(socket: Exchange['socket']): string | undefined {
  try {
    return socket.remoteAddress;
  } catch {
    return undefined;
  }
}

const textOf = (value: string | readonly string[] | undefined): string | undefined => (typeof value === 'string' ? value : value?.[0]);

export const isOpenWatch = ({ isLongRunning, info }: ActiveRequest): boolean => isLongRunning && info?.verb === 'watch';

export const timedOut = (): StatusError => new StatusError('Timeout', 'Timeout: request did not complete within the allotted timeout', { details: {} });
