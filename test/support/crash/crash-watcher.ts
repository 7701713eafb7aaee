import type { ConfigMap } from '#api/generated/core/v1.ts';
import { CONFIG_MAPS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import { systemClock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Client } from '#client/client.ts';
import { knownOf, type Known } from './config-maps.ts';
import { isUnknown } from './crash-writer.ts';

const RETRY_MS = 10;

export interface Seen extends Known {
  readonly type: string;
  readonly name: string;
}

export interface WatchScope {
  readonly namespace?: string;
  readonly labelSelector?: string;
}

/** Watches for ever, each time from the last version that it was told; it never lists. */
export class CrashWatcher {
  readonly scope: WatchScope;
  /** Since they were last taken. */
  events: Seen[] = [];
  readonly violations: string[] = [];
  resumptions = 0;
  #position: number;
  readonly #client: Client;

  constructor(client: Client, scope: WatchScope, from: string) {
    this.#client = client;
    this.scope = scope;
    this.#position = Number(from);
  }

  get position(): number {
    return this.#position;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for await (const event of this.#client.watch(CONFIG_MAPS, { ...this.scope, resourceVersion: String(this.#position), allowWatchBookmarks: true, signal })) this.#see(event.type, event.object);
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asError(thrown);
        if (!isUnknown(error) && !(error instanceof StatusError && error.data.status.code === 429)) this.violations.push(`watch ${JSON.stringify(this.scope)} from ${this.#position}: ${error.message}`);
      }
      this.resumptions++;
      await systemClock.sleep(RETRY_MS);
    }
  }

  #see(type: string, object: ConfigMap): void {
    const revision = Number(object.metadata.resourceVersion);
    const isBackwards = type === 'BOOKMARK' ? revision < this.#position : revision <= this.#position;
    if (isBackwards) this.violations.push(`watch ${JSON.stringify(this.scope)}: ${type} ${object.metadata.name} ${revision} after ${this.#position}`);
    this.#position = revision;
    if (type !== 'BOOKMARK') this.events.push({ type, name: object.metadata.name ?? '', ...knownOf(object) });
  }
}
