import { goFloat } from '#api/go-text.ts';
import { CREATED, NAMED } from './descriptions.ts';
import { type Printer, since, UNKNOWN } from './format.ts';
import type { CustomResourceColumnDefinition } from '#api/generated/apiextensions/v1.ts';
import type { TableColumnDefinition } from '#api/generated/meta/v1.ts';
import { canonicalJson } from '#api/json.ts';
import { findValues } from '#api/jsonpath/find.ts';
import { JsonPathError, parseJsonPath, type Step } from '#api/jsonpath/parse.ts';

const NAME: TableColumnDefinition = { name: 'Name', type: 'string', format: 'name', description: NAMED, priority: 0 };
/** What a definition without columns shows. */
const AGE: CustomResourceColumnDefinition = { name: 'Age', type: 'date', description: CREATED, jsonPath: '.metadata.creationTimestamp' };

interface Column {
  readonly column: CustomResourceColumnDefinition;
  readonly steps: readonly Step[];
}

/** The name, and the columns that the definition declares, up to one whose path cannot be read. */
export function customPrinter(declared: readonly CustomResourceColumnDefinition[]): Printer {
  const columns: Column[] = [];
  for (const column of declared.length > 0 ? declared : [AGE]) {
    const steps = stepsOf(column.jsonPath);
    if (steps === undefined) break;
    columns.push({ column, steps });
  }
  return {
    columns: [NAME, ...columns.map(({ column }) => definitionOf(column))],
    cells: (object, now) => [object.metadata.name, ...columns.map(({ column, steps }) => cellOf(column.type, findValues(steps, object), now))],
  };
}

function stepsOf(path: string): readonly Step[] | undefined {
  try {
    return parseJsonPath(path);
  } catch (error) {
    if (error instanceof JsonPathError) return undefined;
    throw error;
  }
}

const definitionOf = ({ name, type, format = '', description, priority = 0, jsonPath }: CustomResourceColumnDefinition): TableColumnDefinition =>
  ({ name, type, format, description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`, priority });

/** Only the first value is shown; one that is not of the column's type is not. */
function cellOf(type: string, values: readonly unknown[], now: number): unknown {
  const value = values[0];
  if (value === undefined) return null;
  switch (type) {
    case 'string': return value === null ? '<no value>' : typeof value === 'object' ? canonicalJson(value) : textOf(value);
    case 'integer': return typeof value === 'number' ? Math.trunc(value) : typeof value === 'bigint' ? value : null;
    case 'number': return typeof value === 'number' || typeof value === 'bigint' ? value : null;
    case 'boolean': return typeof value === 'boolean' ? value : null;
    case 'date': return typeof value === 'string' ? ageOf(value, now) : null;
    default: return null;
  }
}

const textOf = (value: unknown): string => (typeof value === 'number' && !Number.isSafeInteger(value) ? goFloat(value) : String(value));

const TIME = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
const ageOf = (time: string, now: number): string => (time === '' || time === 'null' ? UNKNOWN : TIME.test(time) ? since(time, now) : '<invalid>');
