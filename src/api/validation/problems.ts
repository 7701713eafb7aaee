import type { StatusCause } from '#api/generated/meta/v1.ts';
import { goFloat, goJson, goQuote } from '#api/go-text.ts';
import type { NameCheck } from '#api/names.ts';

/** Collects what is wrong with an object, worded as Kubernetes words it. Paths are like `spec.containers[0].name`. */
export class Problems {
  readonly causes: StatusCause[] = [];

  required(field: string, detail = ''): void {
    this.#add('FieldValueRequired', field, `Required value${after(detail)}`);
  }

  invalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${shown(value)}${after(detail)}`);
  }

  /** A text that is a pointer in Go's type, and so shown as JSON. */
  invalidPointer(field: string, value: string, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value: ${goJson(value)}: ${detail}`);
  }

  /** Says what is wrong, but not the value: for objects and lists, which are long. */
  invalidOmitted(field: string, detail: string): void {
    this.#add('FieldValueInvalid', field, `Invalid value${after(detail)}`);
  }

  typeInvalid(field: string, value: unknown, detail: string): void {
    this.#add('FieldValueTypeInvalid', field, `Invalid value: ${shown(value)}${after(detail)}`);
  }

  tooMany(field: string, actual: number, max: number): void {
    this.#add('FieldValueTooMany', field, `Too many: ${actual}: must have at most ${max} item${max === 1 ? '' : 's'}`);
  }

  internal(field: string, detail: string): void {
    this.#add('InternalError', field, `Internal error${after(detail)}`);
  }

  notSupported(field: string, value: unknown, supported: readonly string[]): void {
    this.#add('FieldValueNotSupported', field, `Unsupported value: ${shown(value === undefined ? '' : value)}: supported values: ${supported.map(goQuote).join(', ')}`);
  }

  forbidden(field: string, detail: string): void {
    this.#add('FieldValueForbidden', field, `Forbidden${after(detail)}`);
  }

  duplicate(field: string, value: unknown, detail = ''): void {
    this.#add('FieldValueDuplicate', field, `Duplicate value: ${shown(value)}${after(detail)}`);
  }

  notFound(field: string, value: unknown, detail = ''): void {
    this.#add('FieldValueNotFound', field, `Not found: ${shown(value)}${after(detail)}`);
  }

  tooLong(field: string, maxBytes: number): void {
    this.#add('FieldValueTooLong', field, `Too long: may not be more than ${maxBytes} byte${maxBytes === 1 ? '' : 's'}`);
  }

  /** Each message of the check becomes an invalid value. An absent text is an empty one. */
  check(field: string, value: string | undefined, rule: NameCheck): void {
    for (const message of rule(value ?? '')) this.invalid(field, value ?? '', message);
  }

  /** A text that must be there and pass the check. */
  checkRequired(field: string, value: string | undefined, rule: NameCheck): void {
    if (!value) this.required(field);
    else this.check(field, value, rule);
  }

  oneOf(field: string, value: string | undefined, supported: readonly string[]): void {
    if (value === undefined || value === '') this.required(field);
    else if (!supported.includes(value)) this.notSupported(field, value, supported);
  }

  optionalOneOf(field: string, value: string | undefined, supported: readonly string[]): void {
    if (value) this.oneOf(field, value, supported);
  }

  atLeast(field: string, value: number | undefined, min: number): void {
    if (value !== undefined && value < min) this.invalid(field, value, `must be greater than or equal to ${min}`);
  }

  between(field: string, value: number | undefined, min: number, max: number): void {
    if (value !== undefined && (value < min || value > max)) this.invalid(field, value, `must be between ${min} and ${max}, inclusive`);
  }

  unique(field: (index: number) => string, values: readonly (string | undefined)[]): void {
    const seen = new Set<string>();
    for (const [index, value] of values.entries()) {
      if (!value) continue;
      if (seen.has(value)) this.duplicate(field(index), value);
      seen.add(value);
    }
  }

  #add(reason: string, field: string, message: string): void {
    this.causes.push({ reason, field, message });
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  return typeof value === 'number' && !Number.isSafeInteger(value) ? goFloat(value) : goJson(value);
}
const after = (detail: string): string => (detail === '' ? '' : `: ${detail}`);

export const IMMUTABLE = 'field is immutable';
const MAX_PORT = 65_535;

export function checkPort(problems: Problems, field: string, port: number | undefined): void {
  problems.between(field, port, 1, MAX_PORT);
}
