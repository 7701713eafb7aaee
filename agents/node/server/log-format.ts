/** One line of a CRI log file: `<RFC 3339 nano time> <stdout|stderr> <P|F> <content>`. */
export interface LogLine {
  /** As written, with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  /** The runtime cut a long line here: the next entry of the stream goes on with it. */
  readonly isPartial: boolean;
  /** Without the newline. */
  readonly content: Buffer;
}

const SPACE = 0x20;

/** Undefined for what is no log line, such as the torn end of a file. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first <= 0 || second < 0) return undefined;
  const stream = line.toString('latin1', first + 1, second);
  const end = third < 0 ? line.length : third;
  const tags = line.toString('latin1', second + 1, end).split(':');
  if ((stream !== 'stdout' && stream !== 'stderr') || (tags[0] !== 'P' && tags[0] !== 'F')) return undefined;
  return { time: line.toString('latin1', 0, first), stream, isPartial: tags[0] === 'P', content: line.subarray(third < 0 ? line.length : third + 1) };
}
