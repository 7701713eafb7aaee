import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '#base/clock.ts';
import type { Logger } from '#base/logger.ts';
import { asError } from '#base/errors.ts';
import { replaceFile } from '#base/replace-file.ts';
import { RESTORED_ANNOTATION } from '#api/headway/v1/types.ts';
import { groupResource } from '#api/resource-type.ts';
import { NODES } from '#api/resources.ts';
import { followResource } from '../storage/follow-resource.ts';
import type { WatchCache } from '#watchcache/watch-cache.ts';

export interface RecoveryOptions {
  readonly cache: WatchCache;
  readonly storeId: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** JSON list of the nodes that ever registered; nothing is remembered without it. */
  readonly file: string | undefined;
}

export interface RecoveryState {
  /** True while nodes that are known from before have not reported what runs on them. */
  readonly recovering: boolean;
  readonly waitingFor: readonly string[];
  /** Resolves when all have reported, or 30 s after the start. */
  done(): Promise<void>;
}

/** A node that does not come back in this time is taken over late, as docs/design/0003-recovery.md tells. */
const MAX_WAIT_MS = 30_000;

/** Remembers which nodes there are outside of the store, and after a loss of the store waits for their reports. */
export class Recovery implements RecoveryState {
  readonly #options: RecoveryOptions;
  readonly #waiting = new Set<string>();
  readonly #known = new Set<string>();
  readonly #done = Promise.withResolvers<void>();
  #stops: (() => void)[] = [];
  #writing: Promise<void> = Promise.resolve();

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  get recovering(): boolean {
    return this.#waiting.size > 0;
  }
  get waitingFor(): readonly string[] {
    return [...this.#waiting];
  }
  done(): Promise<void> {
    return this.#done.promise;
  }

  /** `isStoreEmpty`: the store held nothing when the server started. */
  async start(isStoreEmpty: boolean): Promise<void> {
    const { clock } = this.#options;
    for (const name of await this.#read()) this.#known.add(name);
    if (isStoreEmpty) for (const name of this.#known) this.#waiting.add(name);
    this.#follow();
    if (this.#waiting.size === 0) this.#done.resolve();
    else this.#stops.push(clock.after(MAX_WAIT_MS, () => this.#giveUp()));
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops.splice(0)) stop();
    await this.#writing;
  }

  #follow(): void {
    const { cache, clock } = this.#options;
    this.#stops.push(followResource({ cache, clock, resource: groupResource(NODES), onGap: () => this.#seeAll(), onEvents: (events) => {
      for (const { type, current } of events) {
        if (type === 'put') this.#see(current.object.metadata.name, current.object.metadata.annotations);
        else this.#forget(current.object.metadata.name);
      }
    } }));
  }

  #seeAll(): void {
    for (const { object } of this.#options.cache.list(groupResource(NODES)).items) this.#see(object.metadata.name, object.metadata.annotations);
  }

  #see(name: string, annotations: Readonly<Record<string, string>> | undefined): void {
    if (!this.#known.has(name)) {
      this.#known.add(name);
      this.#save();
    }
    if (annotations?.[RESTORED_ANNOTATION] === this.#options.storeId && this.#waiting.delete(name) && this.#waiting.size === 0) this.#done.resolve();
  }

  #forget(name: string): void {
    if (this.#known.delete(name)) this.#save();
  }

  #giveUp(): void {
    this.#options.log.warn('nodes did not report in time, going on without them', { nodes: this.waitingFor });
    this.#waiting.clear();
    this.#done.resolve();
  }

  async #read(): Promise<readonly string[]> {
    const { file } = this.#options;
    if (file === undefined) return [];
    try {
      const value: unknown = JSON.parse(await readFile(file, 'utf8'));
      return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#options.log.warn('the list of known nodes cannot be read', { file, error });
      return [];
    }
  }

  #save(): void {
    const { file } = this.#options;
    if (file === undefined) return;
    this.#writing = this.#writing.then(async () => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await replaceFile(file, `${JSON.stringify([...this.#known].toSorted())}\n`);
    }).catch((error: unknown) => this.#options.log.error('the list of known nodes cannot be written', { file, error: asError(error) }));
  }
}
