import { randomUUID } from 'node:crypto';

/** Digits of a UUID's last group. */
const DIGITS = 12;

/** Ids of requests in the form of UUIDs, for the audit log. The first groups are this server's own, the last one counts: random bits for each would be a noticeable part of a read. */
export class RequestIds {
  readonly #prefix = randomUUID().slice(0, -DIGITS);
  #count = 0;

  next(): string {
    this.#count += 1;
    return this.#prefix + this.#count.toString(16).padStart(DIGITS, '0');
  }
}
