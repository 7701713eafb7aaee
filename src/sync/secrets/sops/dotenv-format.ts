import { DecryptionError } from '../decryption-error.ts';
import { unflatten } from './flat-metadata.ts';
import { linesOf } from './lines.ts';
import { macText } from './scalar.ts';
import type { SopsFormat } from './sops-document.ts';

const METADATA = /^sops_([^=]*)=(.*)$/;

/** Lines of `NAME=value`; the metadata are lines whose names begin with `sops_`. */
export const dotenvFormat: SopsFormat = {
  read(text) {
    const lines = linesOf(text).filter(({ text: line }) => line !== '' && !line.startsWith('#'));
    const metadata = lines.filter(({ text: line }) => METADATA.test(line));
    const [first] = metadata;
    if (!first) return [];
    return [{
      metadata: unflatten(metadata.map(({ text: line }) => [METADATA.exec(line)?.[1] ?? '', METADATA.exec(line)?.[2] ?? ''])), line: first.line,
      leaves: lines.filter(({ text: line }) => !METADATA.test(line)).map(({ text: line, start, line: number }) => {
        const equals = line.indexOf('=');
        if (equals < 0) throw new DecryptionError('InvalidEncryption', 'the line is no NAME=value', { line: number });
        return { path: [line.slice(0, equals)], value: line.slice(equals + 1).replaceAll(String.raw`\n`, '\n'), range: [start + equals + 1, start + line.length], line: number };
      }),
      metadataRanges: metadata.map(({ start, text: line }) => [start, start + line.length]),
    }];
  },
  write: (value) => macText(value).replaceAll('\n', String.raw`\n`),
};
