import test from 'ava';
import { jsonFault } from '#api/json-fault.ts';

const END = 'unexpected end of JSON input';
for (const [text, fault] of [
  ['', END], ['  ', END], ['{', END], ['{"a"', END], ['{"a":', END], ['{"a":1', END], ['[1,', END], ['"a', END], ['tru', END], ['-', END], ['1.', END], ['{"a":1}  ', undefined],
  ['a', "invalid character 'a' looking for beginning of value"],
  ['{"a":x}', "invalid character 'x' looking for beginning of value"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
  ['{"a":{"b":1]}', "invalid character ']' after object key:value pair"],
  ['[1 2]', "invalid character '2' after array element"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['1 2', "invalid character '2' after top-level value"],
  ['01', "invalid character '1' after top-level value"],
  ['trye', "invalid character 'y' in literal true (expecting 'u')"],
  ['[nulL]', "invalid character 'L' in literal null (expecting 'l')"],
  ['-a', "invalid character 'a' in numeric literal"],
  ['1.a', "invalid character 'a' after decimal point in numeric literal"],
  ['1e+a', "invalid character 'a' in exponent of numeric literal"],
  ['"a\nb"', "invalid character '\\n' in string literal"],
  ['"\u0001"', "invalid character '\\x01' in string literal"],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
  [String.raw`"\u12g4"`, "invalid character 'g' in \\u hexadecimal character escape"],
  ["'a'", "invalid character '\\'' looking for beginning of value"],
  ['é', "invalid character 'Ã' looking for beginning of value"],
  [`${'['.repeat(100_000)}}`, "invalid character '}' looking for beginning of value"],
  [`${'{"a":'.repeat(100_000)}x`, "invalid character 'x' looking for beginning of value"],
  [String.raw`{"a":[1,-2.5e-3,true,false,null,"\u00e9\n\"",{},[]],"b":{"c":{"d":[[]]}}}`, undefined],
] as const) {
  test(`${JSON.stringify(text.slice(0, 40))}${text.length > 40 ? '...' : ''}: ${fault ?? 'nothing is wrong'}`, (t) => {
    t.is(jsonFault(text), fault);
    if (fault === undefined) t.notThrows(() => JSON.parse(text));
    else t.throws(() => JSON.parse(text));
  });
}
