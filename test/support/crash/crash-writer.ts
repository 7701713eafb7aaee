import type { ConfigMap } from '#api/generated/core/v1.ts';
import type { Transaction } from '#api/headway/v1/transaction.ts';
import { CONFIG_MAPS, TRANSACTIONS } from '#api/resources.ts';
import { StatusError } from '#api/status-error.ts';
import { systemClock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { ApiUnreachableError } from '#client/errors.ts';
import { configMap, type Known, knownOf, NAMESPACE } from './config-maps.ts';

const OBJECTS = 6;
const RETRY_MS = 10;
export const COUNTER = 'counter';

/** A write that the API has acknowledged. */
export interface Acknowledged extends Known {
  readonly name: string;
}

type Change = { readonly name: string; readonly to: number | undefined };

/**
 * Creates, updates at a resourceVersion, deletes and transacts objects that nobody else writes, so that it knows what must be stored; and
 * counts up one object that all writers share. A write without an answer may have happened or not; nothing else may.
 */
export class CrashWriter {
  /** Since they were last taken. */
  readonly acknowledged: Acknowledged[] = [];
  /** What the API must show of this writer's objects. */
  readonly known = new Map<string, Known>();
  /** What the store must not do. */
  readonly violations: string[] = [];
  unknownOutcomes = 0;
  readonly #id: number;
  readonly #client: Client;
  readonly #random: () => number;
  #value = 0;

  constructor(id: number, client: Client, random: () => number) {
    this.#id = id;
    this.#client = client;
    this.#random = random;
  }

  async writeUntil(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      const kind = this.#random();
      if (kind < 0.1) await this.#count();
      else if (kind < 0.4) await this.#transact();
      else await this.#writeOne(`w${this.#id}-${Math.floor(this.#random() * OBJECTS)}`);
    }
  }

  async #writeOne(name: string): Promise<void> {
    const before = this.known.get(name);
    const to = before && this.#random() < 0.25 ? undefined : ++this.#value;
    await this.#attempt([{ name, to }], async () => {
      if (to === undefined) {
        await this.#client.delete(CONFIG_MAPS, { namespace: NAMESPACE, name }, { resourceVersion: before?.revision ?? '' });
        return [undefined];
      }
      return [before ? await this.#client.update(CONFIG_MAPS, configMap(name, to, before.revision)) : await this.#client.create(CONFIG_MAPS, configMap(name, to))];
    });
  }

  /** Both objects of the pair always have one value, or are absent. */
  async #transact(): Promise<void> {
    const names = ['a', 'b'].map((half) => `w${this.#id}-pair-${half}`);
    const to = this.known.has(names[0] ?? '') && this.#random() < 0.2 ? undefined : ++this.#value;
    const items = names.map((name) => (to === undefined ? { delete: { apiVersion: 'v1', kind: 'ConfigMap', namespace: NAMESPACE, name } } : { apply: configMap(name, to) }));
    await this.#attempt(names.map((name) => ({ name, to })), async () => {
      const { status } = await this.#client.create<Transaction>(TRANSACTIONS, { apiVersion: 'headway.dev/v1', kind: 'Transaction', metadata: {}, spec: { fieldManager: 'crash', items } });
      if (!status?.committed) throw new Error(`the transaction was refused: ${JSON.stringify(status)}`);
      return names.map((_, i) => (to === undefined ? undefined : (status.items[i]?.object as ConfigMap)));
    });
  }

  async #attempt(changes: readonly Change[], write: () => Promise<readonly (ConfigMap | undefined)[]>): Promise<void> {
    try {
      const written = await write();
      changes.forEach(({ name }, i) => this.#acknowledge(name, written[i]));
    } catch (error) {
      if (!isUnknown(error)) return void this.violations.push(`writer ${this.#id}: ${JSON.stringify(changes)}: ${String(error)}`);
      this.unknownOutcomes++;
      await this.#learn(changes);
    }
  }

  #acknowledge(name: string, written: ConfigMap | undefined): void {
    if (!written) return void this.known.delete(name);
    const known = knownOf(written);
    this.known.set(name, known);
    this.acknowledged.push({ name, ...known });
  }

  /** Each object is as it was, or as it should be; and all of them the same. */
  async #learn(changes: readonly Change[]): Promise<void> {
    const happened = new Set<boolean>();
    for (const { name, to } of changes) {
      const found = await this.#read(name);
      const before = this.known.get(name);
      const isBefore = found?.revision === before?.revision;
      if (!isBefore && found?.value !== to) this.violations.push(`writer ${this.#id}: ${name} was ${JSON.stringify(before)}, should become ${to}, and is ${JSON.stringify(found)}`);
      happened.add(!isBefore);
      if (found) this.known.set(name, found);
      else this.known.delete(name);
    }
    if (happened.size > 1) this.violations.push(`writer ${this.#id}: a transaction happened in part: ${JSON.stringify(changes)}`);
  }

  async #read(name: string): Promise<Known | undefined> {
    for (;;) {
      try {
        return knownOf(await this.#client.get(CONFIG_MAPS, { namespace: NAMESPACE, name }));
      } catch (error) {
        if (error instanceof StatusError && error.data.status.code === 404) return undefined;
        if (!isUnknown(error)) throw error;
        await systemClock.sleep(RETRY_MS);
      }
    }
  }

  /** Others may be faster: then it is their turn. */
  async #count(): Promise<void> {
    try {
      const { value, revision } = knownOf(await this.#client.get(CONFIG_MAPS, { namespace: NAMESPACE, name: COUNTER }));
      const written = knownOf(await this.#client.update(CONFIG_MAPS, configMap(COUNTER, value + 1, revision)));
      this.acknowledged.push({ name: COUNTER, ...written });
    } catch (error) {
      if (isUnknown(error)) this.unknownOutcomes++;
      else if (!(error instanceof StatusError) || error.data.status.code !== 409) this.violations.push(`writer ${this.#id}: ${COUNTER}: ${String(error)}`);
    }
  }
}

/** No answer, or one that promises nothing. */
export const isUnknown = (error: unknown): boolean =>
  error instanceof ApiUnreachableError || (error instanceof StatusError && (error.data.status.code ?? 0) >= 500);
