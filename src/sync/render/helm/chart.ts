import { parse } from 'yaml';

export interface ChartDependency {
  readonly name: string;
  readonly repository: string;
  /** Index in the list of dependencies. */
  readonly index: number;
}

export interface ChartFile {
  readonly name: string;
  readonly dependencies: readonly ChartDependency[];
}

/** What Chart.yaml (or the older requirements.yaml) says; nothing for a text that is no YAML mapping, which helm itself will refuse. */
export function readChart(text: string): ChartFile {
  let value: unknown;
  try {
    value = parse(text, { version: '1.1', strict: false, uniqueKeys: false, logLevel: 'silent', maxAliasCount: 100 });
  } catch {
    value = undefined;
  }
  const { name, dependencies } = (isMap(value) ? value : {}) as { readonly name?: unknown; readonly dependencies?: unknown };
  const listed = (Array.isArray(dependencies) ? dependencies : []).flatMap((item: unknown, index) =>
    isMap(item) && typeof item['name'] === 'string' ? [{ name: item['name'], repository: typeof item['repository'] === 'string' ? item['repository'] : '', index }] : []);
  return { name: typeof name === 'string' ? name : '', dependencies: listed };
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
