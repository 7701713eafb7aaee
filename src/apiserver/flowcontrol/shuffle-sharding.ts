/** Bits of a flow's hash that are used; a double counts exactly so far. */
const HASH_BITS = 53;
const HASH_RANGE = 2 ** HASH_BITS;

/** FNV-1a over UTF-16 units, twice with different seeds, as one integer below 2^53. */
export function flowHash(...parts: readonly string[]): number {
  let high = 0x811c9dc5;
  let low = 0x9747b28c;
  for (const part of parts) {
    for (let i = 0; i <= part.length; i++) {
      // The end of a part counts too: ("a", "bc") is not ("ab", "c").
      const unit = i === part.length ? 0x1_0001 : part.charCodeAt(i);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ unit, 0x85ebca6b) ^ (low >>> 15);
    }
  }
  return ((high >>> 0) * 2 ** 21 + ((low >>> 0) >>> 11)) % HASH_RANGE;
}

/**
 * Deals a hand of different queues to a flow: two flows seldom share all of theirs, so a flow that fills its hand leaves
 * others at least one queue.
 */
export function dealHand(hash: number, queues: number, handSize: number): readonly number[] {
  const hand: number[] = [];
  let rest = hash;
  for (let dealt = 0; dealt < handSize; dealt++) {
    const left = queues - dealt;
    let card = rest % left;
    rest = Math.floor(rest / left);
    // The card counts among those that are not dealt yet.
    for (const taken of hand.toSorted((a, b) => a - b)) if (card >= taken) card += 1;
    hand.push(card);
  }
  return hand;
}
