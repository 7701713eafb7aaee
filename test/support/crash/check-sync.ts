/** What a watcher was told of one of the application's objects. */
export interface SeenObject {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly name: string;
  /** The commit that it is of. */
  readonly round: number;
  readonly revision: number;
}

/** What is wrong with what was seen; empty when nothing is. */
export const checkSync = (seen: readonly SeenObject[]): readonly string[] => [...checkWaves(seen), ...checkOrder(seen), ...checkDeletions(seen)];

/** Both objects of a wave change in one transaction, so that nothing comes between. */
function checkWaves(seen: readonly SeenObject[]): readonly string[] {
  return seen.flatMap((event, i) => {
    const twin = twinOf(event.name);
    if (!twin || event.name.endsWith('-b')) return [];
    const near = seen.slice(Math.max(0, i - 2), i + 3);
    return near.some((other) => other.name === twin && other.round === event.round && Math.abs(other.revision - event.revision) <= 2) ? [] : [`half of a wave: ${JSON.stringify(event)} without ${twin}`];
  });
}

const twinOf = (name: string): string | undefined => (/^(?:first|second)-[ab]$/.test(name) ? name.replace(/.$/, (half) => (half === 'a' ? 'b' : 'a')) : undefined);

/** The second wave never runs ahead of the first. */
function checkOrder(seen: readonly SeenObject[]): readonly string[] {
  const wrong: string[] = [];
  let first = -1;
  for (const event of seen) {
    if (event.name.startsWith('first-')) first = Math.max(first, event.round);
    if (event.name.startsWith('second-') && event.round > first) wrong.push(`wave 1 before wave 0: ${JSON.stringify(event)}`);
  }
  return wrong;
}

/** Only what a later commit no longer has is deleted, and that when the later one is there. */
function checkDeletions(seen: readonly SeenObject[]): readonly string[] {
  return seen.flatMap((event, i) => {
    if (event.type !== 'DELETED') return [];
    const isRightful = event.name.startsWith('round-') && seen.slice(0, i).some(({ name }) => name === `round-${event.round + 1}`);
    return isRightful ? [] : [`deleted by mistake: ${JSON.stringify(event)}`];
  });
}
