import { mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Pod } from '#api/generated/core/v1.ts';
import type { Logger } from '#base/logger.ts';
import { replaceFile } from '#base/replace-file.ts';

/** Pods of this node on disk, with their last status: what the node runs without the API, and tells a store that lost it. */
export class CheckpointStore {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #writes = new Map<string, Promise<void>>();

  /** `directory`: `<dataDir>/agent` */
  constructor(directory: string, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  async pods(): Promise<readonly Pod[]> {
    const uids = await readdir(join(this.#directory, 'pods')).catch(() => []);
    const pods = await Promise.all(uids.map((uid) => this.#read(uid)));
    return pods.filter((pod) => pod !== undefined);
  }

  /** Writes are in order for each pod; the last one wins. */
  save(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    return this.#inOrder(uid, () => this.#replace(this.#file(uid), JSON.stringify(pod)));
  }

  remove(uid: string): Promise<void> {
    return this.#inOrder(uid, () => rm(join(this.#directory, 'pods', uid), { recursive: true, force: true }));
  }

  /** The id of the store that this node last worked with; undefined at first. */
  async storeId(): Promise<string | undefined> {
    return (await readFile(join(this.#directory, 'store-id'), 'utf8').catch(() => undefined))?.trim();
  }

  async saveStoreId(id: string): Promise<void> {
    await this.#replace(join(this.#directory, 'store-id'), `${id}\n`);
  }

  #file(uid: string): string {
    return join(this.#directory, 'pods', uid, 'pod.json');
  }

  async #read(uid: string): Promise<Pod | undefined> {
    try {
      return JSON.parse(await readFile(this.#file(uid), 'utf8')) as Pod;
    } catch (error) {
      // A folder without a readable checkpoint is left to the clean-up of orphans: the runtime's labels say whose it is.
      this.#log.warn('pod checkpoint is not readable', { uid, error });
      return undefined;
    }
  }

  async #replace(file: string, text: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true, mode: 0o750 });
    await replaceFile(file, text);
  }

  #inOrder(uid: string, task: () => Promise<void>): Promise<void> {
    const next = (this.#writes.get(uid) ?? Promise.resolve()).catch(() => {}).then(task);
    this.#writes.set(uid, next);
    return next.finally(() => {
      if (this.#writes.get(uid) === next) this.#writes.delete(uid);
    });
  }
}
