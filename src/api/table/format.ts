import type { LabelSelector, TableColumnDefinition, TableRowCondition } from '#api/generated/meta/v1.ts';
import type { KubeObject } from '#api/object.ts';

/** How one kind is printed. `cells` gives a value for each column. */
export interface Printer {
  readonly columns: readonly TableColumnDefinition[];
  readonly cells: (object: KubeObject, now: number) => readonly unknown[];
  /** What is said of a row as a whole; absent for most kinds, and undefined for most rows. */
  readonly conditions?: (object: KubeObject) => readonly TableRowCondition[] | undefined;
  /** Order of the rows of a list; absent where it is that of the list. */
  readonly order?: (a: KubeObject, b: KubeObject) => number;
}

/**
 * Ties columns to the cells of a kind. A name that ends in `*` is shown only in the wide form; `#` before it marks an integer, `?` a
 * boolean, `@` what is formatted as a name. All others are strings, also where Kubernetes puts a number into the cell.
 */
export function printer<T extends KubeObject>(columns: string, cells: (object: T, now: number) => readonly unknown[], more: RowRules<T> = {}): Printer {
  return { columns: columns.split('|').map(column), cells: cells as Printer['cells'], ...(more as RowRules<KubeObject>) };
}
interface RowRules<T> {
  readonly conditions?: (object: T) => readonly TableRowCondition[] | undefined;
  readonly order?: (a: T, b: T) => number;
}

function column(text: string): TableColumnDefinition {
  const [, mark = '', name = '', wide] = /^([#?@]?)(.*?)(\*?)$/.exec(text) ?? [];
  return { name, type: TYPES[mark] ?? 'string', format: name === 'Name' || mark === '@' ? 'name' : '', description: '', priority: wide === '*' ? 1 : 0 };
}
const TYPES: Readonly<Record<string, string>> = { '#': 'integer', '?': 'boolean' };

export const NONE = '<none>';
export const UNSET = '<unset>';
export const UNKNOWN = '<unknown>';

export const orNone = (text: string | undefined): string => text || NONE;
export const joined = (items: readonly string[] | undefined): string => items?.join(',') || NONE;
export const isTrue = (value: boolean | undefined): string => (value === undefined ? UNSET : value ? 'True' : 'False');

/** How long ago, as kubectl says it. */
export const since = (time: string | undefined, now: number): string => (time === undefined ? UNKNOWN : humanDuration(now - Date.parse(time)));
export const age = (object: KubeObject, now: number): string => since(object.metadata.creationTimestamp, now);

/** Two units at most, fewer the longer it is: `95s`, `3m20s`, `47h`, `3d4h`, `2y30d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 120) return `${Math.max(0, seconds)}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return `${minutes}m${part(seconds % 60, 's')}`;
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return `${hours}h${part(minutes % 60, 'm')}`;
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (days < 8) return `${days}d${part(hours % 24, 'h')}`;
  if (days < 730) return `${days}d`;
  const years = Math.trunc(days / 365);
  return years < 8 ? `${years}y${part(days % 365, 'd')}` : `${years}y`;
}
const part = (amount: number, unit: string): string => (amount === 0 ? '' : `${amount}${unit}`);

/** `a=b,c=d`, in order of the keys. */
export const labelsText = (labels: Readonly<Record<string, string>> | undefined): string =>
  joined(Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}=${value}`));

export function selectorText(selector: LabelSelector | undefined): string {
  const labels = Object.entries(selector?.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }));
  const expressions = (selector?.matchExpressions ?? []).map(({ key, operator, values }) => {
    const list = `(${(values ?? []).toSorted().join(',')})`;
    const texts: Readonly<Record<string, string>> = { In: `${key} in ${list}`, NotIn: `${key} notin ${list}`, Exists: key, DoesNotExist: `!${key}` };
    return { key, text: texts[operator] ?? key };
  });
  return joined([...labels, ...expressions].sort((a, b) => (a.key < b.key ? -1 : 1)).map((term) => term.text));
}

interface HasContainers {
  readonly containers?: readonly { readonly name: string; readonly image?: string | undefined }[] | undefined;
}
/** The two wide columns of everything that has a pod template. */
export const containerCells = (spec: HasContainers | undefined): readonly string[] => [
  (spec?.containers ?? []).map((c) => c.name).join(','), (spec?.containers ?? []).map((c) => c.image ?? '').join(','),
];

/** At most three, then how many more. */
export const few = (items: readonly string[], more: (count: number) => string): string => {
  const max = 3;
  return items.length > max ? `${items.slice(0, max).join(',')}${more(items.length - max)}` : items.join(',');
};
