const QUOTE = 34;
const BACKSLASH = 92;
const OPENING = new Set([123, 91]);
const CLOSING = new Set([125, 93]);

/**
 * Puts `resourceVersion` first into the top-level `metadata` of an object's JSON text (RFC 8259) without parsing it: all
 * other bytes stay as stored, large integers too. Reads only up to `metadata`, which is near the beginning of most objects.
 */
export function spliceVersion(text: string, revision: number): string {
  const member = `"resourceVersion":"${revision}"`;
  const at = findMetadata(text);
  if (at < 0) {
    const start = text.indexOf('{') + 1;
    return `${text.slice(0, start)}"metadata":{${member}}${isEmptyAt(text, start) ? '' : ','}${text.slice(start)}`;
  }
  return `${text.slice(0, at)}${member}${isEmptyAt(text, at) ? '' : ','}${text.slice(at)}`;
}

/** Position behind the brace that opens the top-level `metadata`; -1 when there is none. */
function findMetadata(text: string): number {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char === QUOTE) {
      const end = endOfString(text, i);
      if (depth === 1 && text.startsWith('"metadata"', i)) {
        const brace = /^\s*:\s*\{/.exec(text.slice(end, end + 32));
        if (brace) return end + brace[0].length;
      }
      i = end - 1;
    } else if (OPENING.has(char)) depth++;
    else if (CLOSING.has(char)) depth--;
  }
  return -1;
}

/** Position behind the closing quote. */
function endOfString(text: string, start: number): number {
  for (let i = text.indexOf('"', start + 1); i >= 0; i = text.indexOf('"', i + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(i - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return i + 1;
  }
  return text.length;
}

const isEmptyAt = (text: string, at: number): boolean => /^\s*\}/.test(text.slice(at, at + 32));
