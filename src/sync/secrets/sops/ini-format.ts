import { DecryptionError } from '../decryption-error.ts';
import { unflatten } from './flat-metadata.ts';
import { linesOf, type Line } from './lines.ts';
import { macText } from './scalar.ts';
import type { Range, SopsFormat } from './sops-document.ts';

const SECTION = /^\s*\[(.*)\]\s*$/;
const COMMENT = /^\s*(?:[#;]|$)/;
const QUOTED = /^(?:"""([^]*)"""|`([^]*)`|"([^]*)"|'([^]*)')$/;
/** The section of keys that stand before the first one. */
const NO_SECTION = 'DEFAULT';

interface Entry {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly range: Range;
  readonly line: Line;
}

/** Sections of `key = value`; the metadata are section `sops`. Values of one line. */
export const iniFormat: SopsFormat = {
  read(text) {
    const entries = entriesOf(text);
    const metadata = entries.filter(({ section }) => section === 'sops');
    const heading = linesOf(text).find(({ text: line }) => SECTION.exec(line)?.[1] === 'sops');
    if (!heading) return [];
    return [{
      metadata: unflatten(metadata.map(({ key, value }) => [key, value])), line: heading.line,
      leaves: entries.filter(({ section }) => section !== 'sops').map(({ section, key, value, range, line }) => ({ path: [section, key], value, range, line: line.line })),
      metadataRanges: [heading, ...metadata.map(({ line }) => line)].map(({ start, text: line }) => [start, start + line.length]),
    }];
  },
  write(value) {
    const text = macText(value);
    if (/[\n`]/.test(text)) return `"""${text}"""`;
    return /[#;\\"']|^\s|\s$/.test(text) ? `\`${text}\`` : text;
  },
};

function entriesOf(text: string): readonly Entry[] {
  let section = NO_SECTION;
  return linesOf(text).flatMap((line) => {
    section = SECTION.exec(line.text)?.[1] ?? section;
    if (SECTION.test(line.text) || COMMENT.test(line.text)) return [];
    const [whole, before = '', key = '', raw = ''] = /^(\s*([^=:]*?)\s*[=:]\s*)(.*?)\s*$/.exec(line.text) ?? [];
    if (whole === undefined) throw new DecryptionError('InvalidEncryption', 'the line is no key = value', { line: line.line });
    const start = line.start + before.length;
    return [{ section, key, value: unquote(raw), range: [start, start + raw.length], line }];
  });
}

function unquote(text: string): string {
  const quoted = QUOTED.exec(text);
  return quoted ? quoted.slice(1).find((inner) => inner !== undefined) ?? '' : text.replace(/\s[#;].*$/, '');
}
