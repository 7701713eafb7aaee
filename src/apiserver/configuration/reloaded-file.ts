import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '#base/clock.ts';
import { asError } from '#base/errors.ts';
import type { Exposition } from '#base/exposition.ts';
import type { Logger } from '#base/logger.ts';

export interface ReloadedFileOptions {
  readonly file: string;
  /** What it held when the server began. */
  readonly data: Buffer;
  /** Whose metrics tell of it. */
  readonly of: 'authentication';
  /** The name by which Kubernetes knows this server; empty for none. */
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Reads what the file holds, and says how to put it in force. What it throws will not go away before the file changes. */
  readonly read: (data: Buffer) => () => Promise<void>;
}

/** How soon a change is seen. */
const INTERVAL_MS = 5_000;

/** A file of configuration that is put in force anew when it changes. As long as what it holds is of no use, what was in force stays so. */
export class ReloadedFile {
  readonly #options: ReloadedFileOptions;
  readonly #reloads = { success: 0, failure: 0 };
  readonly #reloadedAtMs: { success?: number; failure?: number } = {};
  /** The last content that is in force, or of no use. */
  #seen: Buffer;
  #hash: string;
  #cancel: () => void = () => {};
  #isOver = false;

  constructor(options: ReloadedFileOptions) {
    this.#options = options;
    this.#seen = options.data;
    this.#hash = hashOf(options.data);
  }

  start(): void {
    if (this.#isOver) return;
    this.#cancel = this.#options.clock.after(INTERVAL_MS, () => void this.check().finally(() => this.start()));
  }

  stop(): void {
    this.#isOver = true;
    this.#cancel();
  }

  /** Resolves when a change is in force, or it is known that it cannot be; never throws. */
  async check(): Promise<void> {
    try {
      const data = await readFile(this.#options.file);
      if (!data.equals(this.#seen)) await this.#reload(data);
    } catch (error) {
      this.#failed(error);
    }
  }

  writeMetrics(out: Exposition): void {
    const { of, serverId } = this.#options;
    const prefix = `apiserver_${of}_config_controller`;
    const apiserver_id_hash = serverId === '' ? '' : hashOf(Buffer.from(serverId));
    const results = (['success', 'failure'] as const).filter((status) => this.#reloads[status] > 0);
    out.counter(`${prefix}_automatic_reloads_total`, `Times that the ${of} configuration was read anew, by whether it is in force.`, results.map((status) => ({ labels: { apiserver_id_hash, status }, value: this.#reloads[status] })));
    out.gauge(`${prefix}_automatic_reload_last_timestamp_seconds`, `When the ${of} configuration was last read anew, by whether it is in force.`, results.map((status) => ({ labels: { apiserver_id_hash, status }, value: (this.#reloadedAtMs[status] ?? 0) / 1000 })));
    out.gauge(`${prefix}_last_config_info`, `The ${of} configuration in force, by its hash.`, [{ labels: { apiserver_id_hash, hash: this.#hash }, value: 1 }]);
  }

  async #reload(data: Buffer): Promise<void> {
    let apply: () => Promise<void>;
    try {
      apply = this.#options.read(data);
    } catch (error) {
      this.#seen = data;
      return this.#failed(error);
    }
    // What fails from here on may succeed later, as when an issuer answers again.
    await apply();
    if (this.#isOver) return;
    this.#seen = data;
    this.#hash = hashOf(data);
    this.#count('success');
    this.#options.log.info('a file of configuration was read anew', { file: this.#options.file });
  }

  #failed(error: unknown): void {
    if (this.#isOver) return;
    this.#count('failure');
    this.#options.log.error('a file of configuration has changed and is not in force', { file: this.#options.file, error: asError(error) });
  }

  #count(status: 'success' | 'failure'): void {
    this.#reloads[status] += 1;
    this.#reloadedAtMs[status] = this.#options.clock.now();
  }
}

const hashOf = (data: Buffer): string => (data.length === 0 ? '' : `sha256:${createHash('sha256').update(data).digest('hex')}`);
