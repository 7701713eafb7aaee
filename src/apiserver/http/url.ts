import { SEPARATOR } from '../repeated-values.ts';

/** Parameters that are lists: each `exclude` names one more health check to leave out, and each `dryRun` must be a right one. */
const LISTS: ReadonlySet<string> = new Set(['exclude', 'dryRun']);

/** Its path, and what follows the question mark. */
export function splitUrl(url: string): { readonly path: string; readonly search: string } {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, search: '' } : { path: url.slice(0, mark), search: url.slice(mark + 1) };
}

/** Of all other parameters the first counts, as in Kubernetes. */
export function queryOf(search: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = {};
  for (const [key, value] of new URLSearchParams(search)) query[key] = LISTS.has(key) && query[key] !== undefined ? `${query[key]}${SEPARATOR}${value}` : (query[key] ?? value);
  return query;
}
