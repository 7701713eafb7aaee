import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { BlameFlags } from './blame.ts';
import { defaultDataDir } from './data-dir.ts';

const OPTIONS = {
  namespace: { type: 'string', short: 'n' }, output: { type: 'string', short: 'o' }, kubeconfig: { type: 'string' }, repo: { type: 'string' },
  'audit-log': { type: 'string' }, 'data-dir': { type: 'string' },
} as const;
const OUTPUTS: readonly string[] = ['yaml', 'wide', 'json'];

/**
 * What follows `headway blame`, without the reader of all command lines, whose loading is a fifth of the command. Undefined for all that is
 * not plain, such as `--help` and whatever is wrong: that is for the other one, which knows what to say.
 */
export function readBlameLine(words: readonly string[]): { readonly object: string; readonly flags: BlameFlags } | undefined {
  try {
    const { values, positionals: [object, ...more] } = parseArgs({ args: [...words], options: OPTIONS, allowPositionals: true });
    const { output = 'yaml', 'audit-log': auditLog, 'data-dir': dataDir = defaultDataDir(), ...others } = values;
    if (object === undefined || more.length > 0 || !OUTPUTS.includes(output)) return undefined;
    return { object, flags: { ...others, ...(auditLog === undefined ? {} : { auditLog }), dataDir: resolve(dataDir), output: output as BlameFlags['output'] } };
  } catch {
    return undefined;
  }
}
