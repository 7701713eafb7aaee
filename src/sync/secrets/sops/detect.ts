import { dotenvFormat } from './dotenv-format.ts';
import { iniFormat } from './ini-format.ts';
import type { SopsFormat } from './sops-document.ts';
import { yamlFormat } from './yaml-format.ts';

const STRUCTURED = /\.(?:ya?ml|json)$/i;

/** Of a text with an encrypted value: by its contents, as files of any name hold them. `Binary` is a whole file as the one value of a JSON document. Undefined when nothing looks like SOPS. */
export function detectFormat(path: string, text: string): SopsFormat | 'Binary' | undefined {
  if (/^sops_mac=ENC\[/m.test(text)) return dotenvFormat;
  if (/^\[sops\]\s*$/m.test(text) && /^mac\s*=\s*ENC\[/m.test(text)) return iniFormat;
  if (STRUCTURED.test(path)) return yamlFormat;
  if (!/^\s*\{/.test(text)) return /^sops:\s*$/m.test(text) ? yamlFormat : undefined;
  return /^\s*\{\s*"data"\s*:\s*"ENC\[[^"]*"\s*,\s*"sops"\s*:/.test(text) ? 'Binary' : yamlFormat;
}
