import { HeadwayError } from '#base/errors.ts';

/** One step of a JSONPath; each maps the values found so far to those below. */
export type Step =
  | { readonly type: 'field'; readonly name: string }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'slice'; readonly start: number | undefined; readonly end: number | undefined; readonly step: number; readonly isIndex: boolean }
  | { readonly type: 'filter'; readonly left: Operand; readonly operator: string; readonly right: Operand | undefined }
  | { readonly type: 'union'; readonly paths: readonly (readonly Step[])[] };

/** One side of a filter: a path from the item, or a literal. */
export type Operand = { readonly path: readonly Step[] } | { readonly value: unknown };

/** The text is no JSONPath that Kubernetes' `client-go/util/jsonpath` knows. */
export class JsonPathError extends HeadwayError {
  readonly code = 'json-path';
  readonly isRetryable = false;

  constructor(message: string) {
    super(message, {});
  }
}

/** Parses what stands within `{}` in kubectl: `.spec.items[0].name`, `.status.conditions[?(@.type=="Ready")].status`. @throws JsonPathError */
export function parseJsonPath(text: string): readonly Step[] {
  const parser = new Parser(text);
  const steps = parser.steps();
  if (!parser.isAtEnd) throw new JsonPathError(`unrecognized character in action: ${JSON.stringify(parser.rest[0])}`);
  return steps;
}

class Parser {
  rest: string;

  constructor(text: string) {
    this.rest = text.trim().replace(/^[$@]/, '');
  }

  get isAtEnd(): boolean {
    return this.rest === '';
  }

  steps(): readonly Step[] {
    const steps: Step[] = [];
    while (/^[.[]/.test(this.rest)) {
      if (this.#take(/^\.\.(?=[^.])/)) {
        steps.push({ type: 'recursive' });
        if (!this.rest.startsWith('[')) steps.push(this.#name());
      } else if (this.#take(/^\[/)) steps.push(this.#bracket());
      else {
        this.#take(/^\./);
        // A lone dot is the object itself, and `.[0]` is `[0]`.
        if (!this.isAtEnd && !this.rest.startsWith('[')) steps.push(this.#name());
      }
    }
    return steps;
  }

  #take(pattern: RegExp): string | undefined {
    const match = pattern.exec(this.rest);
    if (match === null) return undefined;
    this.rest = this.rest.slice(match[0].length);
    return match[0];
  }

  #name(): Step {
    const name = this.#take(/^(?:\\.|[^\s.[\]()=!<>|$@{}"'\\,&])+/);
    if (name === undefined) throw new JsonPathError(`unexpected character in path: ${JSON.stringify(this.rest)}`);
    return name === '*' ? { type: 'wildcard' } : { type: 'field', name: name.replaceAll(/\\(.)/g, '$1') };
  }

  #bracket(): Step {
    if (this.rest.startsWith('?')) return this.#filter();
    const inner = this.#take(/^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\]'"])*\]/);
    if (inner === undefined) throw new JsonPathError('unterminated array');
    const parts = splitUnion(inner.slice(0, -1));
    const steps = parts.map(bracketStep);
    return steps.length === 1 ? steps[0] as Step : { type: 'union', paths: steps.map((step) => [step]) };
  }

  #filter(): Step {
    if (this.#take(/^\?\(/) === undefined) throw new JsonPathError(`unexpected character in filter: ${JSON.stringify(this.rest)}`);
    const left = this.#operand();
    const operator = this.#take(/^\s*(?:==|!=|<=|>=|<|>)\s*/)?.trim();
    const right = operator === undefined ? undefined : this.#operand();
    if (this.#take(/^\s*\)\]/) === undefined) throw new JsonPathError('unterminated filter');
    return { type: 'filter', left, operator: operator ?? 'exists', right };
  }

  #operand(): Operand {
    this.#take(/^\s+/);
    const quoted = this.#take(/^(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/);
    if (quoted !== undefined) return { value: quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1') };
    const word = this.#take(/^(?:-?\d+(?:\.\d+)?|true|false)(?![\w.])/);
    if (word !== undefined) return { value: JSON.parse(word) as unknown };
    if (this.#take(/^[@$]/) === undefined) throw new JsonPathError(`unrecognized operand in filter: ${JSON.stringify(this.rest)}`);
    return { path: this.steps() };
  }
}

function splitUnion(text: string): readonly string[] {
  const parts = text.match(/(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"])+/g) ?? [];
  if (parts.length === 0) throw new JsonPathError('empty array expression');
  return parts.map((part) => part.trim());
}

function bracketStep(text: string): Step {
  // Of a map there is no item: `.*` are its members.
  if (text === '*') return { type: 'slice', start: undefined, end: undefined, step: 1, isIndex: false };
  const quoted = /^'(.*)'$/s.exec(text);
  if (quoted !== null) return { type: 'field', name: (quoted[1] ?? '').replaceAll(/\\(.)/g, '$1') };
  const slice = /^(-?\d*)(?:(:)(-?\d*)(?::(\d*))?)?$/.exec(text);
  if (slice === null || text === '') throw new JsonPathError(`invalid array index ${text}`);
  const [start, end] = [slice[1], slice[3]].map((n) => (n === undefined || n === '' ? undefined : Number(n)));
  if (slice[2] === undefined) return { type: 'slice', start, end: undefined, step: 1, isIndex: true };
  const step = slice[4] ? Number(slice[4]) : 1;
  if (step < 1) throw new JsonPathError('step must be > 0');
  return { type: 'slice', start, end, step, isIndex: false };
}
