import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { defaultDataDir } from '../data-dir.ts';

const STRING = { type: 'string' } as const;

/** What may follow the name of a command. */
export interface LineShape {
  /** How many words, besides options. */
  readonly words: number;
  /** By their names, without those that all commands have. */
  readonly options: NonNullable<ParseArgsConfig['options']>;
  /** Of `--output`; the first is the default. */
  readonly outputs?: readonly string[];
  /** Options that must be given. */
  readonly required?: readonly string[];
}

export interface PlainLine {
  readonly words: readonly string[];
  /** By their names in the code: `auditLog`. */
  readonly flags: object;
}

/**
 * What follows a command's name, without the reader of all command lines, whose loading takes longer than many a command. Undefined for all that is
 * not plain, such as `--help` and whatever is wrong: that is for the other one, which knows what to say.
 */
export function readPlainLine({ words, options, outputs, required = [] }: LineShape, args: readonly string[]): PlainLine | undefined {
  const read = parse(args, { ...options, 'data-dir': STRING });
  if (read?.positionals.length !== words) return undefined;
  const { 'data-dir': dataDir = defaultDataDir(), output = outputs?.[0], ...others } = read.values;
  if (required.some((name) => others[name] === undefined)) return undefined;
  if (outputs && !outputs.includes(String(output))) return undefined;
  const flags = Object.entries({ ...others, ...(outputs ? { output } : {}), dataDir: resolve(String(dataDir)) });
  return { words: read.positionals, flags: Object.fromEntries(flags.map(([name, value]) => [inCode(name), value])) };
}

function parse(args: readonly string[], options: LineShape['options']) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch {
    return undefined;
  }
}

const inCode = (name: string): string => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

const NAMESPACE = { type: 'string', short: 'n' } as const;
const OUTPUT = { type: 'string', short: 'o' } as const;
const AUDIT = { kubeconfig: STRING, repo: STRING, namespace: NAMESPACE, output: OUTPUT };

/** The commands that are made programs of their own; as `audit-commands.ts` and `program.ts` describe them to people, which a test holds them to. */
export const LINES = {
  blame: { words: 1, outputs: ['yaml', 'wide', 'json'], options: { ...AUDIT, 'audit-log': STRING } },
  diff: { words: 2, outputs: ['text', 'json', 'yaml'], options: { ...AUDIT, application: STRING } },
  get: { words: 1, outputs: ['yaml', 'json'], options: { ...AUDIT, application: STRING, at: STRING }, required: ['at'] },
  log: { words: 1, outputs: ['text', 'json'], options: { ...AUDIT, application: STRING, patch: { type: 'boolean', short: 'p' }, 'max-count': { type: 'string', default: '20' } } },
  status: { words: 0, options: {} },
} satisfies Readonly<Record<string, LineShape>>;
