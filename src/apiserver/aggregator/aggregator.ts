import { parseBody } from '#api/parse.ts';
import { StatusError } from '#api/status-error.ts';
import type { ApiRequest, UserInfo } from '#api/transport.ts';
import { asError } from '#base/errors.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Environment } from '../environment.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Tunnel } from '../proxy/tunnel.ts';
import { documentOutcome, type Outcome } from '../outcome.ts';
import type { RemoteService } from './api-service.ts';
import { AvailabilityController } from './availability-controller.ts';
import { LocalServices } from './local-services.ts';
import { askRemote } from './remote-client.ts';
import { RemoteDocuments } from './remote-documents.ts';
import { RemoteProxy } from './remote-proxy.ts';

const TIMEOUT_MS = 60_000;

/** API aggregation for the life of the server: which group versions others answer, whether they do, and how requests reach them. */
export class Aggregator {
  readonly documents: RemoteDocuments;
  readonly #env: Environment;
  readonly #proxy: RemoteProxy;
  readonly #local: LocalServices;
  readonly #availability: AvailabilityController;

  constructor(env: Environment) {
    this.#env = env;
    this.documents = new RemoteDocuments(env);
    this.#proxy = new RemoteProxy(env);
    this.#local = new LocalServices(env);
    this.#availability = new AvailabilityController({ env, onCheck: (remote, check) => this.documents.learn(remote, check) });
  }

  /** The cache must be ready and definitions be in force. */
  async start(): Promise<void> {
    this.#env.apiServices.start(this.#env.clock);
    await this.#local.start();
    this.#availability.start();
  }

  async stop(): Promise<void> {
    this.#env.apiServices.stop();
    await Promise.all([this.#local.stop(), this.#availability.stop()]);
    this.#proxy.close();
  }

  writeMetrics(out: Exposition): void {
    this.#availability.writeMetrics(out);
  }

  /** An authorized request over HTTPS; watches stream. @throws StatusError */
  forward(exchange: Exchange, remote: RemoteService, user: UserInfo): Promise<void> {
    return this.#proxy.forward(exchange, remote, user);
  }

  /** An authorized connection that changes its protocol. @throws StatusError */
  tunnel(tunnel: Tunnel, remote: RemoteService, user: UserInfo): Promise<void> {
    return this.#proxy.tunnel(tunnel, remote, user);
  }

  /** An authorized request from within the process; no watches. @throws StatusError ServiceUnavailable */
  async ask({ method, path, query, body, contentType }: ApiRequest, remote: RemoteService, user: UserInfo): Promise<Outcome> {
    if (!remote.isAvailable) throw new StatusError('ServiceUnavailable', 'service unavailable');
    const search = new URLSearchParams(query).toString();
    const text = body === undefined ? undefined : Buffer.isBuffer(body) ? body.toString() : JSON.stringify(body);
    const wanted = { method, path: search === '' ? path : `${path}?${search}`, user, timeoutMs: TIMEOUT_MS, ...(text === undefined ? {} : { body: text }), ...(contentType ? { contentType } : {}) };
    try {
      const answer = await askRemote(this.#env, remote, wanted);
      return documentOutcome(parseBody(Buffer.from(answer.text), 'application/json').value, answer.status);
    } catch (error) {
      throw new StatusError('ServiceUnavailable', `error trying to reach service: ${asError(error).message}`, { cause: error });
    }
  }
}
