import type { CustomResourceColumnDefinition, CustomResourceSubresources, JSONSchemaProps, SelectableField } from '#api/generated/apiextensions/v1.ts';
import type { Problems } from '#api/validation/problems.ts';
import { FieldPathError, findField } from '../field-path.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const MAX_SELECTABLE = 8;
const MAX_WARNING_BYTES = 256;

export function checkColumn(problems: Problems, column: CustomResourceColumnDefinition, path: string): void {
  if (!column.name) problems.required(`${path}.name`);
  if (!column.type) problems.required(`${path}.type`, `must be one of ${COLUMN_TYPES.join(',')}`);
  else if (!COLUMN_TYPES.includes(column.type)) problems.invalid(`${path}.type`, column.type, `must be one of ${COLUMN_TYPES.join(',')}`);
  if (column.format && !COLUMN_FORMATS.includes(column.format)) problems.invalid(`${path}.format`, column.format, `must be one of ${COLUMN_FORMATS.join(',')}`);
  if (!column.jsonPath) problems.required(`${path}.JSONPath`);
  else checkSimplePath(problems, column.jsonPath, `${path}.JSONPath`);
}

function checkSimplePath(problems: Problems, path: string, field: string): boolean {
  if (path.startsWith('.')) return true;
  problems.invalid(field, path, 'must be a simple json path starting with .');
  return false;
}

export function checkSubresources(problems: Problems, { scale }: CustomResourceSubresources, path: string): void {
  if (scale === undefined) return;
  const check = (name: 'specReplicasPath' | 'statusReplicasPath' | 'labelSelectorPath', roots: readonly string[]): void => {
    const value = scale[name] ?? '';
    const field = `${path}.scale.${name}`;
    if (value === '') {
      if (name !== 'labelSelectorPath') problems.required(field);
    } else if (checkSimplePath(problems, value, field) && !roots.some((root) => value.startsWith(`${root}.`))) {
      problems.invalid(field, value, `should be a json path under ${roots.length === 1 ? '' : 'either '}${roots.join(' or ')}`);
    }
  };
  check('specReplicasPath', ['.spec']);
  check('statusReplicasPath', ['.status']);
  check('labelSelectorPath', ['.spec', '.status']);
}

export function checkSelectable(problems: Problems, fields: readonly SelectableField[], schema: JSONSchemaProps, path: string): void {
  const seen = new Set<string>();
  for (const [i, { jsonPath }] of fields.entries()) {
    const field = `${path}[${i}].jsonPath`;
    const found = jsonPath ? findSelectable(problems, jsonPath, schema, field) : problems.required(field);
    if (found === undefined) continue;
    if (found.path.startsWith('metadata.') || found.path === 'metadata') problems.invalid(field, jsonPath, 'must not point to fields in metadata');
    if (!['string', 'boolean', 'integer'].includes(found.schema?.type ?? '')) {
      problems.invalid(field, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.');
    }
    if (seen.has(found.path)) problems.duplicate(field, jsonPath);
    seen.add(found.path);
  }
  if (seen.size > MAX_SELECTABLE) problems.tooMany(path, seen.size, MAX_SELECTABLE);
}

function findSelectable(problems: Problems, jsonPath: string, schema: JSONSchemaProps, field: string): ReturnType<typeof findField> | undefined {
  try {
    return findField(jsonPath, schema, { allowsBrackets: false });
  } catch (error) {
    if (!(error instanceof FieldPathError)) throw error;
    problems.invalid(field, jsonPath, `is an invalid path: ${error.message}`);
    return undefined;
  }
}

export function checkDeprecation(problems: Problems, deprecated: boolean, warning: string | undefined, path: string): void {
  if (warning === undefined) return;
  const invalid = (why: string): void => problems.invalidPointer(`${path}.deprecationWarning`, warning, why);
  if (!deprecated) return invalid('can only be set for deprecated versions');
  if (Buffer.byteLength(warning) > MAX_WARNING_BYTES) invalid('must be <= 256 characters long');
  if (warning === '') invalid('must not be an empty string');
  const unprintable = warning.search(/[^\P{C}]|[^\P{Z} ]/u);
  if (unprintable >= 0) invalid(`must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(warning.slice(0, unprintable))}`);
}
