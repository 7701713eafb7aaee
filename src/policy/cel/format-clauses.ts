import type { TypeKind } from './types.ts';

export type FormatVerb = 's' | 'd' | 'f' | 'e' | 'b' | 'x' | 'X' | 'o';

export interface FormatClause {
  readonly verb: FormatVerb;
  readonly precision: number;
}
export interface FormatFault {
  readonly problem: string;
  /** It is told of before an argument is looked for. */
  readonly isBeforeArgument: boolean;
}

const DEFAULT_PRECISION = 6;
const NUMBERS: readonly TypeKind[] = ['int', 'uint'];
/** What the arguments of each clause may be by their static types. */
export const CLAUSE_KINDS: Readonly<Record<FormatVerb, ReadonlySet<TypeKind>>> = {
  s: new Set<TypeKind>(['list', 'map', ...NUMBERS, 'double', 'bool', 'string', 'timestamp', 'bytes', 'duration', 'type', 'null']),
  d: new Set(NUMBERS),
  f: new Set<TypeKind>(['double', 'string']),
  e: new Set<TypeKind>(['double', 'string']),
  b: new Set<TypeKind>([...NUMBERS, 'bool']),
  x: new Set<TypeKind>([...NUMBERS, 'string', 'bytes']),
  X: new Set<TypeKind>([...NUMBERS, 'string', 'bytes']),
  o: new Set(NUMBERS),
};

const USES: Readonly<Record<FormatVerb, string>> = {
  s: 'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
  d: 'decimal clause can only be used on integers',
  f: 'fixed-point clause can only be used on doubles',
  e: 'scientific clause can only be used on doubles',
  b: 'only integers and bools can be formatted as binary',
  x: 'only integers, byte buffers, and strings can be formatted as hex',
  X: 'only integers, byte buffers, and strings can be formatted as hex',
  o: 'octal clause can only be used on integers',
};

export const clauseError = (verb: FormatVerb, given: string): string => `error during formatting: ${USES[verb]}, was given ${given}`;

/** The texts and clauses of a format, up to the first that is none. */
export function* parseFormat(format: string): Generator<string | FormatClause | FormatFault> {
  for (let at = 0; at < format.length; ) {
    const [text] = /^(?:[^%]|%%)+/s.exec(format.slice(at)) ?? [];
    if (text !== undefined) {
      yield text.replaceAll('%%', '%');
      at += text.length;
      continue;
    }
    const [clause = '%', dot, digits = '', verb] = /^%(\.)?(\d*)(.)?/su.exec(format.slice(at)) ?? [];
    const part = parseClause({ dot, digits, verb });
    yield part;
    if ('problem' in part) return;
    at += clause.length;
  }
}

function parseClause({ dot, digits, verb }: { readonly dot: string | undefined; readonly digits: string; readonly verb: string | undefined }): FormatClause | FormatFault {
  if (dot === undefined && digits === '' && verb === undefined) return { problem: 'unexpected end of string', isBeforeArgument: true };
  const refuse = (why: string): FormatFault => ({ problem: `could not parse formatting clause: ${why}`, isBeforeArgument: false });
  if (dot === undefined && digits !== '') return refuse(`unrecognized formatting clause "${digits[0]}"`);
  if (verb === undefined) return refuse('error while parsing precision: could not find end of precision specifier');
  if (dot !== undefined && digits === '') return refuse('error while parsing precision: error while converting precision to integer: strconv.Atoi: parsing "": invalid syntax');
  if (!Object.hasOwn(USES, verb)) return refuse(`unrecognized formatting clause "${verb}"`);
  return { verb: verb as FormatVerb, precision: digits === '' ? DEFAULT_PRECISION : Number(digits) };
}
