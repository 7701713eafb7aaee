import type { Duplicate } from '#api/duplicates.ts';
import { goQuote } from '#api/go-text.ts';
import { isJsonObject } from '#api/json.ts';

/**
 * How the object came to be: each parser of Kubernetes words what it finds in its own way, and names it in its own order.
 * `patched` is an object that a patch has made, `merged` one of a strategic merge; `problems` are those of the patch.
 */
export type SentAs =
  | { readonly form: 'json' | 'yaml'; readonly duplicates: readonly Duplicate[]; readonly fractions?: ReadonlyMap<string, string> | undefined }
  | { readonly form: 'patched' | 'merged'; readonly problems: readonly string[] };

export interface StrictProblems {
  readonly warnings: readonly string[];
  /** All as one, after `strict decoding error: `. */
  readonly error: string;
}

/** Kubernetes reports at most so many of the strict errors. */
const MAX_STRICT_ERRORS = 100;

export const unknownField = (path: string): string => `unknown field ${goQuote(path)}`;
export const duplicateField = ({ path }: Pick<Duplicate, 'path'>): string => `duplicate field ${goQuote(path)}`;
/** As the YAML parser says it. */
export const yamlLine = ({ line, key }: Duplicate): string => `line ${line}: key ${JSON.stringify(key)} already set in map`;
export const yamlError = (duplicates: readonly Duplicate[]): string => `yaml: unmarshal errors:\n${duplicates.map((duplicate) => `  ${yamlLine(duplicate)}`).join('\n')}`;

/** @param isTyped a built-in kind, whose type is known while its text is read; that of a custom resource is looked at afterwards, its `unknown` are in order */
export function strictProblems(value: unknown, unknown: readonly string[], sent: SentAs, isTyped: boolean): StrictProblems {
  const fields = (isTyped ? unknown.toSorted() : unknown).map(unknownField);
  switch (sent.form) {
    case 'json': return found(isTyped ? inOrder(value, unknown, sent.duplicates) : [...sent.duplicates.map(duplicateField), ...fields]);
    case 'patched': case 'merged': return found([...sent.problems, ...fields]);
    case 'yaml': {
      const { duplicates } = sent;
      if (duplicates.length === 0) return found(fields);
      return { warnings: [...duplicates.map(yamlLine), ...fields], error: joined([yamlError(duplicates), ...fields]) };
    }
  }
}

function found(problems: readonly string[]): StrictProblems {
  const once = [...new Set(problems)];
  return { warnings: once, error: joined(once) };
}

const joined = (problems: readonly string[]): string => problems.slice(0, MAX_STRICT_ERRORS).join(', ');

/** As they stand in the text. A field that is unknown is skipped by the reader with all that is in it, and so never found twice. */
export function inOrder(root: unknown, unknown: readonly string[], duplicates: readonly Duplicate[]): readonly string[] {
  if (duplicates.length === 0) return unknown.map(unknownField);
  if (unknown.length === 0) return duplicates.map(duplicateField);
  const strange = new Set(unknown);
  const repeated = new Set(duplicates.map(({ path }) => path));
  const problems: string[] = [];
  const visit = (value: unknown, path: string): void => {
    if (strange.has(path)) return void problems.push(unknownField(path));
    if (repeated.has(path)) problems.push(duplicateField({ path }));
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${path}[${index}]`));
    else if (isJsonObject(value)) for (const [name, member] of Object.entries(value)) visit(member, path === '' ? name : `${path}.${name}`);
  };
  visit(root, '');
  return problems;
}
