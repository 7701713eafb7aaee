import test from 'ava';
import { parseLogLine } from '#agents/node/server/log-format.ts';

const parse = (text: string) => parseLogLine(Buffer.from(text));

test('a line has a time, a stream, a tag and a content, which may be empty', (t) => {
  const line = parse('2026-01-02T03:04:05.678901234Z stdout F hello world');
  t.like(line, { time: '2026-01-02T03:04:05.678901234Z', stream: 'stdout', isPartial: false });
  t.is(line?.content.toString(), 'hello world');
  t.is(parse('2026-01-02T03:04:05Z stderr F ')?.content.length, 0);
  t.true(parse('2026-01-02T03:04:05Z stderr P cut')?.isPartial);
});

test('what is no log line is left out', (t) => {
  for (const text of ['', 'garbage', '2026-01-02T03:04:05Z stdin F x', '2026-01-02T03:04:05Z stdout X x']) t.is(parse(text), undefined);
});
