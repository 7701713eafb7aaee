const SIMPLE: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', "'": "'", '"': '"', '`': '`', '?': '?' };
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|X([0-9a-fA-F]{2})|([^]))/g;

/** The text that a string literal stands for. @throws Error in cel-go's words for an escape that is none */
export function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(ESCAPE, (_all, x?: string, u?: string, long?: string, octal?: string, upper?: string, other?: string) => {
    if (other !== undefined) return simple(other);
    const code = octal === undefined ? Number.parseInt(x ?? u ?? long ?? upper ?? '', 16) : Number.parseInt(octal, 8);
    if (code > 0x10_ff_ff || (code >= 0xd8_00 && code <= 0xdf_ff)) throw new Error('Syntax error: invalid unicode code point');
    return String.fromCodePoint(code);
  });
}

/** In bytes literals, hexadecimal and octal escapes are bytes. */
export function unescapeBytes(text: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let last = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [all, x, u, long, octal, upper, other] = match;
    if (u !== undefined || long !== undefined) throw new Error('Syntax error: unable to unescape string');
    parts.push(Buffer.from(text.slice(last, match.index)));
    parts.push(other === undefined ? Uint8Array.of(octal === undefined ? Number.parseInt(x ?? upper ?? '', 16) : Number.parseInt(octal, 8)) : Buffer.from(simple(other)));
    last = match.index + all.length;
  }
  parts.push(Buffer.from(text.slice(last)));
  return Uint8Array.from(Buffer.concat(parts));
}

function simple(escape: string): string {
  const known = SIMPLE[escape];
  if (known === undefined) throw new Error('Syntax error: unable to unescape string');
  return known;
}
