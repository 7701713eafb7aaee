import type { ActiveRequest } from './active-request.ts';

/**
 * Requests in progress, in the order of their start; in one such list at a time. A chain and no Set: a Set that is added to and deleted from all the
 * time is given a new table again and again, and each table that V8 leaves refers to the next. Once one of them is in the old generation, each
 * later one stays until the whole heap is collected, and with it every request that was open when it was left.
 */
export class OpenRequests {
  #oldest: ActiveRequest | undefined;
  #newest: ActiveRequest | undefined;

  get oldest(): ActiveRequest | undefined {
    return this.#oldest;
  }

  add(request: ActiveRequest): void {
    request.isOpen = true;
    request.older = this.#newest;
    if (this.#newest) this.#newest.newer = request;
    else this.#oldest = request;
    this.#newest = request;
  }

  /** Whether it was there. */
  delete(request: ActiveRequest): boolean {
    if (!request.isOpen) return false;
    const { older, newer } = request;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    request.isOpen = false;
    request.older = request.newer = undefined;
    return true;
  }
}
