/** Characters that all warnings of an answer may have together before each of them is shortened: clients and proxies bound what headers may take. */
const MAX_CHARACTERS = 4 * 1024;
const MAX_SHORTENED = 256;

/**
 * Values of the Warning header (RFC 7234: code, agent, quoted text). Each text once; when they are too long together, the beginning of each, as many as fit.
 * What no header may hold, control characters, makes Kubernetes leave the text out. Text beyond ASCII goes as UTF-8, whose bytes Node writes as they are when
 * each stands as a character.
 */
export function warningHeaders(texts: readonly string[]): readonly string[] {
  const distinct = [...new Set(texts)].filter((text) => text !== '');
  const whole = distinct.filter(isWritable).map((text) => [...text]);
  if (sum(whole) <= MAX_CHARACTERS) return whole.map(headerOf);
  let written = 0;
  return distinct.flatMap((text) => {
    const start = [...text].slice(0, MAX_SHORTENED);
    if (written >= MAX_CHARACTERS || !isWritable(start.join(''))) return [];
    written += start.length;
    return [headerOf(start)];
  });
}

const isWritable = (text: string): boolean => !/\p{Cc}/u.test(text);
const sum = (texts: readonly (readonly string[])[]): number => texts.reduce((length, text) => length + text.length, 0);

const headerOf = (characters: readonly string[]): string => Buffer.from(`299 - "${characters.join('').replace(/[\\"]/g, '\\$&')}"`).toString('latin1');
