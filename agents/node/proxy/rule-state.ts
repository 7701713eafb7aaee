import type { Fragment, PieceId } from './rules.ts';

/**
 * What the table should hold, by owner, against what it holds. Two owners may want the same piece (an address in two services):
 * the first keeps it, and the other gets it when the first lets go.
 */
export class RuleState {
  readonly #table: string;
  readonly #fragments = new Map<string, Fragment>();
  readonly #claims = new Map<PieceId, Map<string, string>>();
  readonly #applied = new Map<PieceId, string>();
  readonly #touched = new Set<PieceId>();

  constructor(table: string) {
    this.#table = table;
  }

  /** Replaces what `owner` wants; an empty fragment takes it away. */
  want(owner: string, fragment: Fragment): void {
    for (const id of this.#fragments.get(owner)?.keys() ?? []) if (!fragment.has(id)) this.#release(owner, id);
    for (const [id, content] of fragment) this.#claim(owner, id, content);
    if (fragment.size > 0) this.#fragments.set(owner, fragment);
    else this.#fragments.delete(owner);
  }

  /** Forgets what the table holds: the next transaction writes everything. */
  reset(): void {
    this.#applied.clear();
    for (const id of this.#claims.keys()) this.#touched.add(id);
  }

  /** The nft commands from what is applied to what is wanted; empty when there is nothing to do. `commit` notes that they ran. */
  transaction(): { readonly script: string; readonly commit: () => void } {
    const changes = [...this.#touched].map((id) => ({ id, before: this.#applied.get(id), after: this.#wanted(id) })).filter(({ before, after }) => before !== after);
    return {
      script: transactionScript(this.#table, changes),
      commit: () => {
        this.#touched.clear();
        for (const { id, after } of changes) {
          if (after === undefined) this.#applied.delete(id);
          else this.#applied.set(id, after);
        }
      },
    };
  }

  #wanted(id: PieceId): string | undefined {
    return this.#claims.get(id)?.values().next().value;
  }

  #claim(owner: string, id: PieceId, content: string): void {
    const owners = this.#claims.get(id) ?? new Map<string, string>();
    this.#claims.set(id, owners.set(owner, content));
    this.#touched.add(id);
  }

  #release(owner: string, id: PieceId): void {
    const owners = this.#claims.get(id);
    owners?.delete(owner);
    if (owners?.size === 0) this.#claims.delete(id);
    this.#touched.add(id);
  }
}

export interface PieceChange {
  readonly id: PieceId;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * In an order in which nothing refers to what is not there: sets and chains first, then rules, then elements, then removals.
 * nft applies the whole script or none of it.
 */
export function transactionScript(table: string, changes: readonly PieceChange[]): string {
  const pieces = changes.map((change) => ({ ...change, ...splitId(change.id) }));
  const sets = pieces.filter(({ type }) => type === 'set');
  const chains = pieces.filter(({ type }) => type === 'chain');
  const gone = chains.filter(({ after }) => after === undefined);
  const kept = chains.filter(({ after }) => after !== undefined);
  const lines = [
    ...sets.filter(({ after }) => after !== undefined).map(({ name, after }) => `add set ip ${table} ${name} { ${after} }`),
    ...kept.filter(({ before }) => before === undefined).map(({ name }) => `add chain ip ${table} ${name}`),
    ...chains.filter(({ before }) => before !== undefined).map(({ name }) => `flush chain ip ${table} ${name}`),
    ...kept.flatMap(({ name, after }) => (after ?? '').split('\n').map((rule) => `add rule ip ${table} ${name} ${rule}`)),
    ...elementLines(table, pieces.filter(({ type }) => type === 'element')),
    ...gone.map(({ name }) => `delete chain ip ${table} ${name}`),
    ...sets.filter(({ after }) => after === undefined).map(({ name }) => `delete set ip ${table} ${name}`),
  ];
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

function elementLines(table: string, elements: readonly (PieceChange & { readonly name: string; readonly key: string })[]): readonly string[] {
  const lines = (verb: 'add' | 'delete', chosen: typeof elements, text: (element: PieceChange & { readonly key: string }) => string): readonly string[] =>
    [...Map.groupBy(chosen, ({ name }) => name)].map(([name, group]) => `${verb} element ip ${table} ${name} { ${group.map(text).join(', ')} }`);
  return [
    ...lines('delete', elements.filter(({ before }) => before !== undefined), ({ key }) => key),
    ...lines('add', elements.filter(({ after }) => after !== undefined), ({ key, after }) => (after === '' ? key : `${key} : ${after}`)),
  ];
}

function splitId(id: PieceId): { readonly type: string; readonly name: string; readonly key: string } {
  const [type = '', name = '', ...key] = id.split(' ');
  return { type, name, key: key.join(' ') };
}
