import test from 'ava';
import { parseMoment } from '#sync/audit/moment.ts';

const NOW = Date.parse('2026-01-10T00:00:00Z');

for (const [text, expected] of [
  ['2h ago', '2026-01-09T22:00:00Z'], ['1d 12h ago', '2026-01-08T12:00:00Z'], ['1w ago', '2026-01-03T00:00:00Z'], ['90s ago', '2026-01-09T23:58:30Z'],
  ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05Z'], ['2026-01-02T03:04:05.5+02:00', '2026-01-02T01:04:05.5Z'], ['2026-01-02', '2026-01-02T00:00:00Z'],
  ['yesterday', undefined], ['ago', undefined], ['2026', undefined], ['2026-13-40', undefined], ['main', undefined],
] as const) {
  test(`${text} is ${expected ?? 'no time'}`, (t) => {
    t.is(parseMoment(text, NOW), expected === undefined ? undefined : Date.parse(expected));
  });
}
