/** 10.200.0.0/13, without its first and last address. */
const FIRST = (10 << 24) | (200 << 16);
const SIZE = 2 ** 19;

/** Addresses for pods: each is held by one pod at a time, and used again as late as possible. */
export class AddressPool {
  readonly #taken = new Set<number>();
  #next = 1;

  /** @throws RangeError when all addresses are taken. */
  take(): string {
    if (this.#taken.size >= SIZE - 2) throw new RangeError(`all ${SIZE - 2} addresses of simulated pods are taken`);
    while (this.#taken.has(this.#next)) this.#advance();
    const offset = this.#next;
    this.#taken.add(offset);
    this.#advance();
    return format(offset);
  }

  /** Marks an address that a pod holds already. */
  hold(address: string): void {
    this.#taken.add(offsetOf(address));
  }

  release(address: string): void {
    this.#taken.delete(offsetOf(address));
  }

  #advance(): void {
    this.#next = this.#next >= SIZE - 2 ? 1 : this.#next + 1;
  }
}

function format(offset: number): string {
  const value = FIRST + offset;
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

const offsetOf = (address: string): number => address.split('.').reduce((value, part) => value * 256 + Number(part), 0) - FIRST;
