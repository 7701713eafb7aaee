import type { ChainLink } from './chain.ts';
import { parseKey } from './layout.ts';

/** What a write did to its key: made, replaced, deleted. */
type Mark = '+' | '~' | '-';

/** One transaction in the event stream. */
export interface StreamEntry extends ChainLink {
  /** For each event. */
  readonly marks: readonly Mark[];
  /** For each event `<revision> <JSON>` of what was replaced; empty when nothing was, or an entry not far back has it. */
  readonly replaced: readonly string[];
}

export type RawEntry = [id: string, fields: string[]];

/** Keys and values are joined with NUL, which neither a key nor JSON text can hold. */
export function parseEntry([id, fields]: RawEntry): StreamEntry {
  const [, previous = '', , keyText = '', , valueText = '', , replacedText = ''] = fields;
  const keys = keyText.split('\0');
  const values = valueText.split('\0');
  const last = Number(id.slice(0, id.indexOf('-')));
  const first = last - keys.length + 1;
  const batch = keys.map((key, i) => ({
    type: key.startsWith('-') ? ('delete' as const) : ('put' as const),
    key: parseKey(key.slice(1)),
    value: values[i] ?? '',
    revision: first + i,
  }));
  return { previous: Number(previous), first, last, batch, marks: keys.map((key) => key.charAt(0) as Mark), replaced: replacedText.split('\0') };
}
