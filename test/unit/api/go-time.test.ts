import test from 'ava';
import { goDuration } from '#api/go-duration.ts';
import { goTime, goTimeQuote } from '#api/go-time.ts';

for (const [text, seconds, fraction] of [
  ['2020-01-02T03:04:05Z', '2020-01-02T03:04:05', ''], ['2020-01-02T03:04:05.5+02:00', '2020-01-02T01:04:05', '5'], ['2020-01-02T03:04:05,25Z', '2020-01-02T03:04:05', '25'],
  ['2020-02-29T3:04:05-00:30', '2020-02-29T03:34:05', ''], ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00', ''], ['2020-01-02T03:04:05+24:60', '2020-01-01T02:04:05', ''],
] as const) {
  test(`${text} is a time`, (t) => {
    const read = goTime(text, false);
    t.deepEqual('fault' in read ? read : [new Date(read.ms).toISOString(), read.fraction], [`${seconds}.000Z`, fraction]);
  });
}

test('with microseconds exactly six digits are wanted', (t) => {
  t.deepEqual(goTime('2020-01-02T03:04:05.000600Z', true), { ms: Date.UTC(2020, 0, 2, 3, 4, 5), fraction: '000600' });
  const misread = (rest: string, element: string): string => `as "2006-01-02T15:04:05.000000Z07:00": cannot parse "${rest}" as "${element}"`;
  t.deepEqual(goTime('2020-01-02T03:04:05Z', true), { fault: `parsing time "2020-01-02T03:04:05Z" ${misread('Z', '.000000')}` });
  t.deepEqual(goTime('2020-01-02T03:04:05.1234567Z', true), { fault: `parsing time "2020-01-02T03:04:05.1234567Z" ${misread('7Z', 'Z07:00')}` });
});

for (const [text, fault] of [
  ['2020-1-1T00:00:00Z', ' as "2006-01-02T15:04:05Z07:00": cannot parse "1-1T00:00:00Z" as "01"'], ['x', ' as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"'],
  ['2020-01-01', ' as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'], ['2020-01-01t00:00:00z', ' as "2006-01-02T15:04:05Z07:00": cannot parse "t00:00:00z" as "T"'],
  ['2020-13-01T00:00:00Z', ': month out of range'], ['2020-02-30T00:00:00Z', ': day out of range'], ['2020-01-00T00:00:00Z', ': day out of range'], ['2020-01-01T24:00:00Z', ': hour out of range'],
  ['2020-01-01T00:60:00Z', ': minute out of range'], ['2020-01-01T00:00:60Z', ': second out of range'], ['2020-01-01T00:00:00+25:00', ': time zone offset hour out of range'],
  ['2020-01-01T00:00:00+00:61', ': time zone offset minute out of range'], ['2020-01-01T00:00:00Z ', ': extra text: " "'], ['2020-01-01T00:00:00*01:00', ' as "2006-01-02T15:04:05Z07:00": cannot parse "*01:00" as "Z07:00"'],
  ['2020-01-01T00:00:00', ' as "2006-01-02T15:04:05Z07:00": cannot parse "" as "Z07:00"'], ['2020-01-01T00:00:00+0100', ' as "2006-01-02T15:04:05Z07:00": cannot parse "+0100" as "Z07:00"'],
] as const) {
  test(`${text} is refused`, (t) => { t.deepEqual(goTime(text, false), { fault: `parsing time ${goTimeQuote(text)}${fault}` }); });
}

test('what is no printable ASCII is quoted byte by byte', (t) => {
  t.is(goTimeQuote('é"\\\n'), '"\\xc3\\xa9\\"\\\\\\x0a"');
  t.deepEqual(goDuration('5é'), { fault: 'time: unknown unit "\\xc3\\xa9" in duration "5\\xc3\\xa9"' });
});

for (const [text, expected] of [
  ['1h30m', { ms: 5_400_000 }], ['-.5s', { ms: -500 }], ['0', { ms: 0 }], ['9223372036854775807ns', { ms: 2 ** 63 / 1e6 }],
  ['9223372037s', { fault: 'time: invalid duration "9223372037s"' }], ['92233720368547758090', { fault: 'time: invalid duration "92233720368547758090"' }], ['1', { fault: 'time: missing unit in duration "1"' }],
] as const) {
  test(`the duration ${text}`, (t) => { t.deepEqual(goDuration(text), expected); });
}
