import test from 'ava';
import { CompileError } from '#policy/cel/errors.ts';
import { estimateCost } from '#policy/cel/estimate.ts';
import { compile } from '#policy/cel/program.ts';
import { DYN, INT, list, STRING, TIMESTAMP, type Type } from '#policy/cel/types.ts';
import { parseTimestamp } from '#policy/cel/time.ts';
import { kubernetesFunctions } from '#policy/library/functions.ts';
import { fromJson } from '#policy/typing/json-value.ts';

const functions = kubernetesFunctions();
const TYPES: Readonly<Record<string, Type>> = { x: DYN, n: INT, s: STRING, l: list(INT), ts: TIMESTAMP };
const VALUES = { x: fromJson({ a: { b: [1, 'two', 2.5, null] }, n: 3, s: 'text', nul: null, el: [], str: ['a', 'b'] }), n: 3n, s: 'text', l: [1n, 2n, 3n], ts: parseTimestamp('2024-02-29T12:34:56.789012345Z') };
const program = (source: string) => compile(source, { functions, variable: (name) => (Object.hasOwn(TYPES, name) ? TYPES[name] : undefined) });
const evaluate = (source: string): unknown => program(source).evaluate(VALUES, { remaining: 10_000_000 });

/** Results at the edges of what cel-go's functions take. */
const TRUE: Readonly<Record<string, readonly string[]>> = {
  'positions in texts': ['"abc".indexOf("", 4) == 3', '"abc".lastIndexOf("c", 3) == -1', '"abc".lastIndexOf("a", 5) == -1', '"abc".lastIndexOf("a", 1) == 0', '"a😀".replace("", "-") == "-a-😀-"', String.raw`" \u0085a\u00a0".trim() == "a"`, String.raw`"\ufeffa".trim().size() == 2`],
  'formats of numbers': [
    '"%s".format([1e20]) == "1e+20"', '"%s".format([1000000.0]) == "1e+06"', '"%s".format([100000.0]) == "100000"', '"%s".format([0.00001]) == "1e-05"', '"%s".format([-0.0]) == "-0"', '"%.0f".format([2.5]) == "2"', '"%.0f".format([3.5]) == "4"', '"%.2f".format([1234567.891]) == "1,234,567.89"',
    '"%.2f".format([1e25]) == "10,000,000,000,000,000,905,969,664.00"', '"%e".format([1234.5678]) == "1.234568×10⁰³"', '"%.2e".format([0.00012]) == "1.200000×10⁻⁰⁴"', '"%f".format([double("-inf")]) == "-∞"', '"%s".format([double("inf")]) == "+Inf"', 'string(1e6) == "1e+06"', 'string(123456789.0) == "1.23456789e+08"',
  ],
  'formats of what holds values': ['"%s".format([["a", 1, null, 2.0, true]]) == "[\\"a\\", 1, null, 2.000000, true]"', '"%s".format([{"b": 1, "a": [1.5, "x"]}]) == "{\\"a\\":[1.500000, \\"x\\"], \\"b\\":1}"', '"%s".format([[b"a"]]) == "[b\\"a\\"]"', '"%s".format([[duration("1s")]]) == "[duration(\\"1s\\")]"', '"%s".format(x.str) == "a"'],
  'numbers of different types': ['9223372036854775807 >= 9223372036854775808.0', 'dyn(9007199254740993) == 9007199254740992.0', '-1 < 0u', '1.5 < 2u'],
  literals: ['{"a": 1, "a": 2} == {"a": 2}', '[?optional.none(), 2] == [2]', 'matches("text", "e")', 'type(1) == int', 'timestamp("2024-01-01T00:00:00.1234567891Z").getMilliseconds() == 123'],
  'time zones': ['ts.getHours("+5:45") == 18', 'ts.getHours("Local") == 12'],
  'regular expressions': ['"baaac".findAll("a*") == ["", "aaa", ""]', '"abc".findAll("x*").size() == 4'],
  optionals: ['optional.of(1).orValue(1 / 0) == 1', 'optional.of(1).or(optional.of(1 / 0)).value() == 1', '!x.?n.?foo.hasValue()', '!x.?nul.?foo.hasValue()', '!optional.ofNonZeroValue(0u).hasValue()', '!optional.ofNonZeroValue(duration("0s")).hasValue()'],
  quantities: ['!quantity("1.5Gi").isInteger()', '!quantity("9223372036854775807").isInteger()', 'quantity("999999999999999999").isInteger()', 'quantity("1Gi").isInteger() && quantity("1.50").add(quantity("0.5")).asInteger() == 2'],
  versions: ['semver("18446744073709551615.0.0").major() == -1', '!isSemver("18446744073709551616.0.0")', 'semver("1.02.3", true) == semver("1.2.3")', '!isSemver("1.2-a", true)'],
  urls: [
    'url("https://user:pw@example.com:8080/a%20b?x=1#f").getHost() == "example.com:8080"', 'url("https://a/b#f").getEscapedPath() == "/b"', 'url("//host/path").getHost() == "host"', 'url("mailto:a@b").getEscapedPath() == ""', 'url("*").getEscapedPath() == "*"', 'url("http://[::1%25en0]:80/").getHostname() == "::1%en0"',
    'url("http://a/[b]").getEscapedPath() == "/[b]"', 'url("/a?x=%zz&y=1").getQuery() == {"y": ["1"]}', 'url("/a?a;b=1&x=a+b").getQuery() == {"x": ["a b"]}', '!isURL("http://us er@host/")', '!isURL("http://a:b/")', '!isURL("http://[1.2.3.4]/")',
  ],
  formats: ['format.uri().validate("http://a b").hasValue()', 'format.byte().validate("").hasValue()'],
};
for (const [area, sources] of Object.entries(TRUE)) {
  test(`${area} come to what cel-go makes of them`, (t) => {
    for (const source of sources) t.is(t.notThrows(() => evaluate(source), source), true, source);
  });
}

/** Why there is no value. */
const FAILURES: Readonly<Record<string, string>> = {
  'x.zz && x.yy': 'no such key: zz', 'x.n / x.s == 1': 'no such overload', 'x.nul < 1': 'no such overload: _<_', 'size(x.n) == 1': 'no such overload: size', 'x.n.trim() == ""': 'no such overload: trim(int)', 'x.n.startsWith("a")': 'no such overload', 'x.n.indexOf(1) == 1': 'no such overload: indexOf(int, int)',
  'x.a.b.sum() == 1': 'no such overload', 'x.a.b[0.5] == 1': 'unsupported index value 0.5 in list', 'x.s.all(c, true)': "got 'types.String', expected iterable type", 'x.nul.map(c, c) == []': "got 'types.Null', expected iterable type", '"abc".substring(1, -1 - n) == ""': 'invalid substring range. start: 1, end: -4',
  '(-9223372036854775807 - 1) % -1 == 0': 'integer overflow', 'timestamp("9999-12-31T23:59:59Z") - timestamp("0001-01-01T00:00:00Z") > duration("1s")': 'integer overflow', '[18446744073709551615u, 1u].sum() == 0u': 'unsigned integer overflow',
  'ts.getHours("25:00") == 1': 'timezone offset hours out of range [-23, 23]: 25:00', 'ts.getHours("+12:99") == 1': 'timezone offset minutes out of range [0, 59]: +12:99', 'ts.getHours("+0545") == 1': 'unknown time zone +0545', 'ts.getHours("utc") == 1': 'unknown time zone utc',
  's.find(s + "(") == ""': 'Illegal regex: error parsing regexp: missing closing ): `text(`', 'x.n.optMap(v, v).hasValue()': 'no such overload: hasValue(int)',
  'ip("127.0.0.01").family() == 4': 'IP Address "127.0.0.01" parse error during conversion from string: ParseAddr("127.0.0.01"): IPv4 field has octet with leading zero', 'ip("1.2.3").family() == 4': 'IP Address "1.2.3" parse error during conversion from string: ParseAddr("1.2.3"): IPv4 address too short', 'ip("::ffff:1.2.3.4").family() == 4': 'IPv4-mapped IPv6 address "::ffff:1.2.3.4" is not allowed',
  'cidr("10.0.0.0").prefixLength() == 8': 'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0"): no \'/\'', 'cidr("10.0.0.0/33").prefixLength() == 8': 'network address parse error during conversion from string: network address parse error during conversion from string: netip.ParsePrefix("10.0.0.0/33"): prefix length out of range',
  'cidr("10.0.0.0/8").containsIP("x")': 'no such overload', 'url("http://a/%zz").getHost() == ""': 'URL parse error during conversion from string: parse "http://a/%zz": invalid URL escape "%zz"', 'url(":foo").getHost() == ""': 'URL parse error during conversion from string: parse ":foo": missing protocol scheme',
  'semver("v1.2.3").major() == 1': 'Invalid character(s) found in major number "v1"', 'semver("1.2").major() == 1': 'No Major.Minor.Patch elements found', 'semver("01.2.3").major() == 1': 'Major number must not contain leading zeroes "01"', 'semver("1.2.3-").major() == 1': 'Prerelease is empty',
};
for (const [source, message] of Object.entries(FAILURES)) test(`${source} has no value`, (t) => void t.throws(() => evaluate(source), { message }));

/** Where it does not compile, and why. */
const WRONG: readonly (readonly [source: string, column: number, message: string])[] = [
  ['[1, dyn("a")]', 8, "expected type 'int' but found 'dyn'"], ['[dyn(1), "a"]', 10, "expected type 'dyn' but found 'string'"], ['{"a": 1, "b": "c"}', 15, "expected type 'int' but found 'string'"], ['[ts, null]', 6, "expected type 'timestamp' but found 'null'"], ['[?1]', 3, "expected type 'optional_type(int)' but found 'int'"],
  ['l.all(i, i)', 10, "expected type 'bool' but found 'int'"], ['true && 1', 9, "expected type 'bool' but found 'int'"], ['l.all(i, i, i > 0)', 10, 'duplicate variable name: i'], ['l.map(1, 2)', 7, 'argument is not an identifier'], ['l.all(1, true)', 7, 'argument must be a simple name'], ['l.map(__result__, 1)', 7, 'iteration variable overwrites accumulator variable'],
  ['has(x)', 5, 'invalid argument to has() macro'], ['has(n.a)', 4, "type 'int' does not support field selection"], ['optional.of(1).optFlatMap(y, y)', 26, "found no matching overload for '_?_:_' applied to '(bool, int, optional_type(dyn))'"],
  ['"%s %s".format(["a"])', 15, 'index 1 out of range'], ['"%s".format(["a", "b"])', 12, 'too many arguments supplied to string.format (expected 1, got 2)'], ['"%d".format(["a"])', 14, 'error during formatting: decimal clause can only be used on integers, was given string'], ['"%f".format([1])', 14, 'error during formatting: fixed-point clause can only be used on doubles, was given int'],
  ['"%c".format([1])', 12, 'could not parse formatting clause: unrecognized formatting clause "c"'], ['"%s".format([optional.of(1)])', 25, 'error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given optional_type'],
  ['timestamp(253402300800)', 11, 'invalid timestamp argument'], ['timestamp("2024-01-01T24:00:00Z")', 11, 'invalid timestamp argument'], ['duration(1)', 9, "found no matching overload for 'duration' applied to '(int)'"], ['-duration("1s")', 1, "found no matching overload for '-_' applied to '(duration)'"],
  ['string(quantity("1"))', 7, "found no matching overload for 'string' applied to '(kubernetes.Quantity)'"], ['kubernetes.Quantity', 1, "undeclared reference to 'kubernetes' (in container '')"],
];
for (const [source, column, message] of WRONG) {
  test(`${source} does not compile at ${column}`, (t) => {
    const error = t.throws(() => program(source), { instanceOf: CompileError });
    t.is(error?.message.split('\n')[0], `ERROR: <input>:1:${column}: ${message}`);
  });
}

/** What Kubernetes takes for the most that an expression can cost, by the limits of its types. */
const MOST: readonly (readonly [source: string, cost: number])[] = [
  ['x.a.b[1] == "two"', 3], ['x.n + 1', 2], ['x.n > 1 && x.s == "a"', 4], ['x.?a.?z.orValue("d") == "d"', 5], ['[[1, 2], [3]].exists(a, a.exists(b, b == 3))', 67], ['sets.equivalent([1, 1], [1])', 25], ['isURL("https://example.com")', 1],
  ['cidr("10.0.0.0/8").containsCIDR("10.1.0.0/16")', 10], ['format.dns1123Label().validate("my-label-name").hasValue()', 66], ['[1, 2, 3].transformMap(i, v, v * 2)', 56],
];
for (const [source, cost] of MOST) test(`${source} costs ${cost} at most`, (t) => void t.is(estimateCost(program(source).checked).max, cost));

/** Constant parts are computed with the program, and their faults are its faults. */
for (const [source, message] of [['int("x") == 1', "type conversion error from 'string' to 'int'"], ['uint(-1) == 1u', 'unsigned integer overflow'], ['s.find("[") == ""', 'error parsing regexp: missing closing ]: `[`'], ['double("1e400") > 1.0', "type conversion error from 'string' to 'double'"]] as const) {
  test(`${source} makes no program`, (t) => {
    const error = t.throws(() => program(source), { instanceOf: CompileError, message });
    t.is(error?.step, 'program instantiation');
  });
}
