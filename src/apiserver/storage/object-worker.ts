import { joinKey } from '#api/object.ts';
import type { Clock } from '#base/clock.ts';

export interface ObjectWorkerOptions {
  readonly clock: Clock;
  /** What is done for an object; reads it again, as it may have changed since. */
  readonly work: (namespace: string, name: string) => Promise<void>;
  /** Told of what failed; it is tried again after {@link RETRY_MS}. `key` is `<namespace>/<name>`, or the name alone. */
  readonly onFailure: (key: string, error: unknown) => void;
}

const RETRY_MS = 5_000;

/** What a server does for objects beside answering requests: for each one at a time, once more when it was told of meanwhile, and again after a failure. */
export class ObjectWorker {
  readonly #options: ObjectWorkerOptions;
  /** Whether something happened since the work on an object began. */
  readonly #atWork = new Map<string, boolean>();
  readonly #retries = new Map<string, () => void>();
  #isOver = false;

  constructor(options: ObjectWorkerOptions) {
    this.#options = options;
  }

  /** Something happened to the object. */
  note({ namespace, name }: { readonly namespace?: string | undefined; readonly name: string }): void {
    if (this.#isOver) return;
    const key = joinKey(namespace, name);
    if (this.#atWork.has(key)) return void this.#atWork.set(key, true);
    this.#atWork.set(key, false);
    void this.#options.work(namespace ?? '', name).catch((error: unknown) => this.#retry({ namespace, name }, error)).finally(() => {
      const isStale = this.#atWork.get(key);
      this.#atWork.delete(key);
      if (isStale) this.note({ namespace, name });
    });
  }

  stop(): void {
    this.#isOver = true;
    for (const cancel of this.#retries.values()) cancel();
  }

  #retry(object: { readonly namespace: string | undefined; readonly name: string }, error: unknown): void {
    if (this.#isOver) return;
    const key = joinKey(object.namespace, object.name);
    this.#options.onFailure(key, error);
    this.#retries.get(key)?.();
    this.#retries.set(key, this.#options.clock.after(RETRY_MS, () => {
      this.#retries.delete(key);
      this.note(object);
    }));
  }
}
