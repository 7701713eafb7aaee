import type { Server } from 'node:http';
import type { Repository } from '#api/headway/v1/types.ts';
import { keyOf, type NamespacedName } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';
import { createBackoff } from '#client/backoff.ts';
import type { EventRecorder } from '#controller/event-recorder.ts';
import { SourceError } from '../../errors.ts';
import type { SecretName, SecretWatches } from '../secret-watches.ts';
import { WebhookMetrics } from './webhook-metrics.ts';
import { createWebhookServer } from './webhook-server.ts';

/** Where webhooks are listened for. */
export interface WebhookAddress {
  readonly host: string;
  readonly port: number;
}

export interface WebhooksOptions {
  readonly address: WebhookAddress;
  readonly secrets: SecretWatches;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly onPush: (repository: NamespacedName, refs: readonly string[]) => void;
}

interface Hook {
  readonly repository: Repository;
  readonly secret: SecretName;
  readonly unwatch: () => void;
}

/** The port may still be held by a process that ends, or be another program's for good. */
const LISTEN_RETRY = { firstMs: 5000, maxMs: 300_000, random: Math.random };
/** Refused requests are counted and told together, so that a flood fills no log. */
const TELL_REFUSED_MS = 60_000;

/** The webhooks of all Repository objects, on one port, which is opened with the first of them. */
export class Webhooks {
  readonly #options: WebhooksOptions;
  readonly #hooks = new Map<NamespacedName, Hook>();
  /** By repository, since they were last told. */
  readonly #refused = new Map<NamespacedName, number>();
  readonly #metrics = new WebhookMetrics();
  #server: Server | undefined;
  #cancelListen: (() => void) | undefined;
  #cancelTell: (() => void) | undefined;

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  observe(repository: Repository): void {
    const key = keyOf(repository);
    const { webhook } = repository.spec;
    const present = this.#hooks.get(key);
    if (!webhook) return this.forget(key);
    const secret = { namespace: repository.metadata.namespace ?? '', name: webhook.secretRef.name };
    if (present?.secret.name === secret.name) return void this.#hooks.set(key, { ...present, repository });
    this.forget(key);
    // The token is read at each request; nothing needs to be done when it changes.
    this.#hooks.set(key, { repository, secret, unwatch: this.#options.secrets.watch(secret, () => undefined) });
    this.#server ??= this.#listen();
  }

  forget(key: NamespacedName): void {
    this.#hooks.get(key)?.unwatch();
    this.#hooks.delete(key);
  }

  writeMetrics(out: Exposition): void {
    this.#metrics.write(out);
  }

  stop(): void {
    for (const key of this.#hooks.keys()) this.forget(key);
    this.#cancelListen?.();
    this.#cancelTell?.();
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  #listen(): Server {
    const { address, log, clock, onPush } = this.#options;
    const server = createWebhookServer({ onPush, tokenOf: (key) => this.#tokenOf(key), onRefused: (key) => this.#noteRefused(key), onAnswer: (outcome) => this.#metrics.count(outcome) });
    const backoff = createBackoff(LISTEN_RETRY);
    const listen = (): void => void server.listen(address.port, address.host);
    server.on('listening', () => log.info('webhooks are listened for', { ...address }));
    server.on('error', (error) => {
      log.error('webhooks cannot be listened for; repositories are polled', { ...address, error });
      for (const { repository } of this.#hooks.values()) {
        this.#options.events.event(repository, { type: 'Warning', reason: 'WebhookUnavailable', action: 'Listen', message: `port ${address.port} cannot be opened (${error.message}); pushes are noticed at the poll interval` });
      }
      this.#cancelListen = clock.after(backoff.next(), listen);
    });
    listen();
    return server;
  }

  async #tokenOf(key: NamespacedName): Promise<string | undefined> {
    const hook = this.#hooks.get(key);
    if (!hook) return undefined;
    try {
      return (await this.#options.secrets.read(hook.secret))['token']?.trim();
    } catch (error) {
      if (error instanceof SourceError) return undefined;
      throw error;
    }
  }

  #noteRefused(key: NamespacedName): void {
    // Names that nobody has are counted together: whoever tries them must not fill the memory.
    const known = this.#hooks.has(key) ? key : 'unknown';
    this.#refused.set(known, (this.#refused.get(known) ?? 0) + 1);
    this.#cancelTell ??= this.#options.clock.after(TELL_REFUSED_MS, () => this.#tellRefused());
  }

  #tellRefused(): void {
    this.#cancelTell = undefined;
    for (const [key, count] of this.#refused) {
      this.#options.log.warn('webhook requests were refused', { repository: key, count });
      const hook = this.#hooks.get(key);
      if (hook) this.#options.events.event(hook.repository, { type: 'Warning', reason: 'WebhookRefused', action: 'Webhook', message: `${count} requests without a valid signature or token were refused within a minute; does the provider have the token of Secret ${hook.secret.name}?` });
    }
    this.#refused.clear();
  }
}
