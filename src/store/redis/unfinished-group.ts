/**
 * Whether bytes at the end of an append-only log are the beginning of one command, or of one MULTI ... EXEC group, and
 * nothing more (protocol: RESP arrays of bulk strings). A damaged length in the middle of a log also makes the rest look
 * unfinished; then the rest holds line ends, which JSON text and keys do not.
 */
export function isUnfinishedGroup(tail: Buffer): boolean {
  for (let at = 0, isFirst = true; ; isFirst = false) {
    const command = readCommand(tail, at);
    if (command === 'unfinished') return at < tail.length || !isFirst;
    if (command === 'damaged') return false;
    if (isFirst ? command.name !== 'MULTI' : command.name === 'EXEC') return false;
    at = command.end;
  }
}

type Command = { readonly name: string; readonly end: number } | 'unfinished' | 'damaged';

function readCommand(tail: Buffer, start: number): Command {
  const count = readHeader(tail, start, '*');
  if (typeof count === 'string') return count;
  let name = '';
  let at = count.end;
  for (let i = 0; i < count.value; i++) {
    const length = readHeader(tail, at, '$');
    if (typeof length === 'string') return length;
    const end = length.end + length.value;
    if (end + 2 > tail.length) return holdsLineEnd(tail.subarray(length.end, end)) ? 'damaged' : 'unfinished';
    if (tail.toString('latin1', end, end + 2) !== '\r\n') return 'damaged';
    if (i === 0) name = tail.toString('latin1', length.end, end).toUpperCase();
    at = end + 2;
  }
  return { name, end: at };
}

/** Reads `*<number>\r\n` or `$<number>\r\n`. */
function readHeader(tail: Buffer, start: number, mark: '*' | '$'): { readonly value: number; readonly end: number } | 'unfinished' | 'damaged' {
  const end = tail.indexOf('\r\n', start);
  const text = tail.toString('latin1', start, end < 0 ? tail.length : end);
  if (end < 0) return /^([*$]\d{0,10}\r?)?$/.test(text) && (text === '' || text.startsWith(mark)) ? 'unfinished' : 'damaged';
  return text.startsWith(mark) && /^.\d{1,10}$/.test(text) ? { value: Number(text.slice(1)), end: end + 2 } : 'damaged';
}

const holdsLineEnd = (bytes: Buffer): boolean => bytes.includes('\r\n');
