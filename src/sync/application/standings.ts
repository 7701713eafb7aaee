/** What one application says of itself. */
export interface Standing {
  /** It may soon declare other objects than it does. */
  notePending(isPending: boolean): void;
  /** A commit of it is under way, or was refused. */
  noteUndecided(isUndecided: boolean): void;
  /** The namespaces of its objects that are not healthy. */
  noteAiling(namespaces: ReadonlySet<string>): void;
  /** It is in none from now on, whatever a job that still runs says. */
  leave(): void;
}

const NOBODY: ReadonlySet<never> = new Set();
const NOWHERE: ReadonlySet<string> = NOBODY;

/** Which applications something may concern, so that nobody looks through all of them. One that is at rest and healthy is in none of these sets. */
export class Standings<T> {
  readonly #pending = new Set<T>();
  readonly #undecided = new Set<T>();
  readonly #ailing = new Map<string, Set<T>>();

  get pending(): ReadonlySet<T> {
    return this.#pending;
  }

  get undecided(): ReadonlySet<T> {
    return this.#undecided;
  }

  ailingIn(namespace: string): ReadonlySet<T> {
    return this.#ailing.get(namespace) ?? NOBODY;
  }

  enter(application: T): Standing {
    let [ailing, isGone] = [NOWHERE, false];
    const mark = (set: Set<T>, isMember: boolean): unknown => (isMember && !isGone ? set.add(application) : set.delete(application));
    const noteAiling = (namespaces: ReadonlySet<string>): void => {
      for (const namespace of ailing) if (!namespaces.has(namespace)) this.#recover(application, namespace);
      ailing = isGone ? NOWHERE : namespaces;
      for (const namespace of ailing) this.#ailing.set(namespace, (this.#ailing.get(namespace) ?? new Set()).add(application));
    };
    return {
      notePending: (isPending) => void mark(this.#pending, isPending),
      noteUndecided: (isUndecided) => void mark(this.#undecided, isUndecided),
      noteAiling,
      leave: () => {
        isGone = true;
        mark(this.#pending, false);
        mark(this.#undecided, false);
        noteAiling(NOWHERE);
      },
    };
  }

  #recover(application: T, namespace: string): void {
    const all = this.#ailing.get(namespace);
    all?.delete(application);
    if (all?.size === 0) this.#ailing.delete(namespace);
  }
}
