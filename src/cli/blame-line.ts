import { resolve } from 'node:path';
import type { BlameFlags } from './blame.ts';
import { defaultDataDir } from './data-dir.ts';

/** Each takes one value. */
const FLAGS: Readonly<Record<string, keyof BlameFlags>> = {
  '-n': 'namespace', '--namespace': 'namespace', '-o': 'output', '--output': 'output', '--kubeconfig': 'kubeconfig', '--repo': 'repo', '--audit-log': 'auditLog', '--data-dir': 'dataDir',
};
const OUTPUTS: readonly string[] = ['yaml', 'wide', 'json'];

/**
 * What follows `headway blame`, without the reader of all command lines, whose loading is a fifth of the command. Undefined for all that is
 * not plain, such as `--help` and whatever is wrong: that is for the other one, which knows what to say.
 */
export function readBlameLine(words: readonly string[]): { readonly object: string; readonly flags: BlameFlags } | undefined {
  const objects: string[] = [];
  const given: Partial<Record<keyof BlameFlags, string>> = {};
  for (let i = 0; i < words.length; i++) {
    const [, name = '', inline] = /^(--?[a-z-]+)(?:=([^]*))?$/.exec(words[i] ?? '') ?? [];
    if (name === '') objects.push(words[i] ?? '');
    else {
      const value = inline ?? words[++i];
      const flag = Object.hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
      if (flag === undefined || value === undefined || value.startsWith('-')) return undefined;
      given[flag] = value;
    }
  }
  const { dataDir = defaultDataDir(), output = 'yaml', ...others } = given;
  const [object, ...more] = objects;
  if (object === undefined || object.startsWith('-') || more.length > 0 || !OUTPUTS.includes(output)) return undefined;
  return { object, flags: { ...others, dataDir: resolve(dataDir), output: output as BlameFlags['output'] } };
}
