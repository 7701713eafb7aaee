import test from 'ava';
import { joinFunctions } from '#policy/cel/declarations.ts';
import { compile } from '#policy/cel/program.ts';
import { DYN, INT, list, map, STRING, type Type } from '#policy/cel/types.ts';
import { ENCODERS } from '#policy/cel/functions/collections.ts';
import { JSON_PATCH, kubernetesFunctions } from '#policy/library/functions.ts';
import { fromJson } from '#policy/typing/json-value.ts';

const functions = kubernetesFunctions();
const TYPES: Readonly<Record<string, Type>> = { x: DYN, n: INT, s: STRING, l: list(INT), m: map(STRING, STRING) };
const VALUES = { x: fromJson({ a: { b: [1, 'two', 2.5, null] }, 'c-d': true }), n: 3n, s: 'text', l: [1n, 2n, 3n], m: new Map([['k', 'v']]) };
const environment = { functions, variable: (name: string) => TYPES[name] };
const extended = { ...environment, functions: joinFunctions([functions, ENCODERS, JSON_PATCH]), hasBindings: true };
const evaluate = (source: string): unknown => compile(source, extended).evaluate(VALUES, { remaining: 10_000_000 });

/** Expressions that hold. Where they come from: the CEL specification and Kubernetes' documentation of its libraries. */
const TRUE: Readonly<Record<string, readonly string[]>> = {
  operators: [
    '1 + 2 * 3 == 7', '7 / 2 == 3', '-7 % 3 == -1', '1.5 + 1.5 == 3.0', '2u * 3u == 6u', '"a" + "b" == "ab"', '[1] + [2] == [1, 2]', 'dyn(1) == 1.0', '1 < 1.5', '!(false)', '-n == -3',
    'true || x.none', 'x.none || true', '!(false && x.none)', 'n > 2 ? true : false', '2 in l', '!(5 in l)', '"k" in m', 'x.a.b[1] == "two"', 'x["c-d"]', 'x.a.b.size() == 4',
    'has(x.a)', '!has(x.z)', '!has(dyn(null).a)', '!has(dyn("text").a)', 'has(x.a.b)', '0x1F == 31', 'b"abc" == bytes("abc")', "'''a\nb''' == 'a\\nb'", 'r"\\d" == "\\\\d"', 'x.a.b[3] == null', 'type(1) == int', 'type("") == string',
  ],
  comprehensions: [
    'l.all(i, i > 0)', 'l.exists(i, i == 2)', 'l.exists_one(i, i == 2)', 'l.map(i, i * 2) == [2, 4, 6]', 'l.map(i, i > 1, i * 2) == [4, 6]', 'l.filter(i, i > 1) == [2, 3]', 'm.all(k, k == "k")',
    'l.all(i, v, i + 1 == v)', 'l.exists(i, v, i == 0 && v == 1)', 'l.transformList(i, v, i * v) == [0, 2, 6]', 'l.transformList(i, v, i > 0, v) == [2, 3]', 'm.transformMap(k, v, k + v) == {"k": "kv"}',
    'm.transformMapEntry(k, v, {v: k}) == {"v": "k"}', 'l.existsOne(i, v, v == 3)', 'cel.bind(a, 2, a * a == 4)', '[[1], [2, 3]].map(inner, inner.map(j, j + n)) == [[4], [5, 6]]', '[0, 1].exists(i, 1 / i == 1)',
  ],
  strings: [
    '"tacocat".charAt(3) == "o"', '"hello mellow".indexOf("ello") == 1', '"hello mellow".indexOf("ello", 2) == 7', '"hello mellow".lastIndexOf("ello") == 7', '"hello mellow".lastIndexOf("ello", 6) == 1',
    '["a", "b"].join() == "ab"', '["a", "b"].join(" ") == "a b"', '"TacoCat".lowerAscii() == "tacocat"', '"TacoCÆt".upperAscii() == "TACOCÆT"', '"hello hello".replace("he", "we") == "wello wello"',
    '"hello hello".replace("he", "we", 1) == "wello hello"', '"a b c".split(" ") == ["a", "b", "c"]', '"a b c".split(" ", 2) == ["a", "b c"]', '"a b".split(" ", 0) == []', '"tacocat".substring(4) == "cat"',
    '"tacocat".substring(0, 4) == "taco"', '"  \\ttrim\\n".trim() == "trim"', '"%s is %d, %.2f, %x".format(["a", 1, 2.5, 255]) == "a is 1, 2.50, ff"', '"%s".format([[1, 2]]) == "[1, 2]"',
    'strings.quote("a\\nb") == "\\"a\\\\nb\\""', '"ta©o😀".size() == 5', '"😀x".indexOf("x") == 1', '"abc".startsWith("a") && "abc".endsWith("c") && "abc".contains("b")',
  ],
  regex: ['"abc 123".matches("[0-9]+")', '!"abc".matches("^b")', '"abc 123".find("[0-9]+") == "123"', '"abc 123".find("x") == ""', '"123 abc 456".findAll("[0-9]+") == ["123", "456"]', '"1 2 3".findAll("[0-9]+", 2) == ["1", "2"]', '"aab".find("a+?") == "a"', '"foo.bar".find("(bar|foo)") == "foo"'],
  lists: ['[1, 2, 3].isSorted()', '!["b", "a"].isSorted()', '[1, 3].sum() == 4', '[1.0, 3.0].sum() == 4.0', '[duration("1m"), duration("1s")].sum() == duration("1m1s")', '[1, 3].min() == 1', '[1, 3].max() == 3', '["a", "b"].max() == "b"', '[1, 2, 2, 3].indexOf(2) == 1', '["a", "b", "b"].lastIndexOf("b") == 2', '[1].indexOf(4) == -1'],
  'lists, extended': [
    '[3, 1, 2].sort() == [1, 2, 3]', '["b", "a"].sort() == ["a", "b"]', '[{"k": 2}, {"k": 1}].sortBy(e, e.k)[0].k == 1', '["bb", "a"].sortBy(t, t.size()).reverse() == ["bb", "a"]', '[1, 2, 3, 4].slice(1, 3) == [2, 3]', '[1, 2].slice(2, 2) == []',
    '[[1], [2, 3]].flatten() == [1, 2, 3]', '[[[1]], [[2]]].flatten(2) == [1, 2]', 'lists.range(3) == [0, 1, 2]', '[1, 2, 2, 3, 1].distinct() == [1, 2, 3]', '[1, 2].first().value() == 1', '[1, 2].last().value() == 2', '!l.filter(i, i > 9).first().hasValue()', 'l.sortBy(i, -i) == [3, 2, 1]',
  ],
  sets: ['sets.contains([1, 2, 3, 4], [2, 3])', 'sets.equivalent([1, 1], [1])', 'sets.intersects([1], [1, 2])', '!sets.intersects([1], [2])'],
  urls: ['url("https://example.com:80/").getHost() == "example.com:80"', 'url("https://[::1]:80/").getHostname() == "::1"', 'url("https://example.com:80/").getPort() == "80"', 'url("/path").getScheme() == ""', 'url("https://example.com/path with spaces/").getEscapedPath() == "/path%20with%20spaces/"', 'url("https://example.com/path?k1=a&k2=b&k1=c").getQuery()["k1"] == ["a", "c"]', 'isURL("https://example.com") && !isURL("../relative")'],
  ips: [
    'ip("127.0.0.1") == ip("127.0.0.1")', 'isIP("127.0.0.1") && isIP("::1") && !isIP("127.0.0.256") && !isIP("01.0.0.1")', 'ip.isCanonical("2001:db8::abcd") && !ip.isCanonical("2001:DB8::ABCD")', 'ip("127.0.0.1").family() == 4', 'ip("::1").family() == 6', 'ip("0.0.0.0").isUnspecified()',
    'ip("127.0.0.1").isLoopback() && ip("::1").isLoopback()', 'ip("224.0.0.1").isLinkLocalMulticast()', 'ip("169.254.169.254").isLinkLocalUnicast() && ip("fe80::1").isLinkLocalUnicast()', 'ip("192.168.0.1").isGlobalUnicast() && !ip("255.255.255.255").isGlobalUnicast()', 'string(ip("2001:db8:0:0::1")) == "2001:db8::1"',
    'cidr("192.168.0.0/24").containsIP("192.168.0.1")', '!cidr("192.168.0.0/24").containsIP(ip("192.168.1.1"))', 'cidr("192.168.0.0/24").containsCIDR("192.168.0.0/25")', 'cidr("192.168.0.1/24").masked() == cidr("192.168.0.0/24")', 'cidr("192.168.0.0/24").ip() == ip("192.168.0.0")', 'cidr("::1/128").prefixLength() == 128', 'isCIDR("::1/128") && !isCIDR("192.168.0.0/33")',
  ],
  quantities: ['quantity("500000G").isInteger()', 'quantity("50k").asInteger() == 50000', 'sign(quantity("-5")) == -1', 'sign(quantity("0")) == 0', 'quantity("50k").add("20k" == "" ? quantity("0") : quantity("20k")) == quantity("70k")', 'quantity("50k").sub(20000) == quantity("30k")', 'quantity("200M").compareTo(quantity("0.2G")) == 0', 'quantity("50M").isLessThan(quantity("100M"))', 'quantity("150Mi").isGreaterThan(quantity("100Mi"))', 'isQuantity("1.3Gi") && !isQuantity("200K")', 'quantity("2.5").asApproximateFloat() == 2.5'],
  formats: ['!format.dns1123Label().validate("my-label-name").hasValue()', 'format.named("dns1123Label").value().validate("A-").value().size() == 1', '!format.named("none").hasValue()', '!format.uuid().validate("123e4567-e89b-12d3-a456-426614174000").hasValue()', '!format.date().validate("2021-01-01").hasValue()', 'format.datetime().validate("2021-01-01").hasValue()', '!format.byte().validate("aGVsbG8=").hasValue()', '!format.dns1123LabelPrefix().validate("my-").hasValue()'],
  semvers: ['semver("1.2.3").major() == 1', 'semver("1.2.3").compareTo(semver("2.0.0")) == -1', 'semver("1.0.0-alpha").isLessThan(semver("1.0.0"))', 'isSemver("1.0.0") && !isSemver("v1.0") && isSemver("v1.0", true)', 'semver("v01.2", true) == semver("1.2.0")', 'semver("1.0.0-alpha.10").isGreaterThan(semver("1.0.0-alpha.9"))'],
  optionals: ['x.?a.?z.orValue("d") == "d"', 'x.?a.hasValue()', '[1][?0].value() == 1', '![1][?1].hasValue()', 'optional.of(1).optMap(v, v + 1).value() == 2', 'optional.none().or(optional.of(2)).value() == 2', '!optional.ofNonZeroValue("").hasValue()', '{?"k": x.?z} == {}', '[?optional.none(), 1] == [1]', 'x.?a.optFlatMap(v, v.?b).hasValue()'],
  encoders: ['base64.encode(b"hello") == "aGVsbG8="', 'base64.decode("aGVsbG8=") == b"hello"', 'jsonpatch.escapeKey("k8s.io/a~b") == "k8s.io~1a~0b"'],
  times: [
    'timestamp("2023-01-02T03:04:05Z").getFullYear() == 2023', 'timestamp("2023-01-02T03:04:05.678Z").getMilliseconds() == 678', 'timestamp("2023-01-02T00:30:00Z").getDate("-01:00") == 1', 'timestamp("2023-07-01T00:00:00Z").getHours("Europe/Berlin") == 2', 'duration("1h30m").getMinutes() == 90',
    'timestamp("2023-01-02T00:00:00Z") + duration("24h") == timestamp("2023-01-03T00:00:00Z")', 'timestamp("2023-01-02T00:00:00Z") - timestamp("2023-01-01T00:00:00Z") == duration("24h")', 'duration("1s") < duration("1m")', 'string(duration("1h")) == "3600s"', 'string(timestamp(0)) == "1970-01-01T00:00:00Z"', 'int(timestamp("1970-01-01T00:01:00Z")) == 60',
  ],
  conversions: ['int("42") == 42', 'string(4) == "4"', 'double("1.5") == 1.5', 'uint(3) == 3u', 'bool("true")', 'int(3.9) == 3', 'size([1, 2]) == 2 && "ab".size() == 2', 'string(b"abc") == "abc"'],
};

for (const [area, sources] of Object.entries(TRUE)) {
  test(`${area} compute what Kubernetes' do`, (t) => {
    for (const source of sources) t.is(t.notThrows(() => evaluate(source), source), true, source);
  });
}

const FAILURES: readonly (readonly [string, RegExp])[] = [
  ['x.z == 1', /^no such key: z$/], ['dyn(null).z == 1', /^no such key: z$/], ['dyn(n).z == 1', /^no such key: z$/], ['dyn(l).z == 1', /^unsupported index type 'string' in list$/], ['dyn(null)["z"] == 1', /^no such key: z$/], ['x.a.b[9] == 1', /^index out of bounds: 9$/], ['1 / (n - 3) == 0', /^division by zero$/], ['9223372036854775807 + n > 0', /^integer overflow$/], ['x + 1 == 2', /^no such overload: _\+_$/],
  ['l.slice(2, 1) == l', /^cannot slice\(2, 1\), start index must be less than or equal to end index$/], ['l.slice(0, 9) == l', /^cannot slice\(0, 9\), list is length 3$/], ['l.slice(-1, 1) == l', /^cannot slice\(-1, 1\), negative indexes not supported$/],
  ['[[1]].flatten(-1) == [1]', /^level must be non-negative$/], ['lists.range(-1) == l', /^lists\.range: size must be non-negative, got -1$/], ['lists.range(1000001) == l', /^lists\.range: size 1000001 exceeds maximum allowed \(1000000\)$/],
  ['int(s) == 1', /^type conversion error from 'string' to 'int'$/],
];
for (const [source, message] of FAILURES) test(`${source} gives no value`, (t) => void t.throws(() => evaluate(source), { message }));

const WRONG: readonly (readonly [string, string])[] = [
  ['foo', "ERROR: <input>:1:1: undeclared reference to 'foo' (in container '')\n | foo\n | ^"],
  ['n == "a"', "ERROR: <input>:1:3: found no matching overload for '_==_' applied to '(int, string)'\n | n == \"a\"\n | ..^"],
  ['base64.encode(b"a")', "ERROR: <input>:1:1: undeclared reference to 'base64' (in container '')\n | base64.encode(b\"a\")\n | ^\nERROR: <input>:1:14: undeclared reference to 'encode' (in container '')\n | base64.encode(b\"a\")\n | .............^"],
  ['cel.bind(a, 1, a)', "ERROR: <input>:1:1: undeclared reference to 'cel' (in container '')\n | cel.bind(a, 1, a)\n | ^\nERROR: <input>:1:9: undeclared reference to 'bind' (in container '')\n | cel.bind(a, 1, a)\n | ........^\nERROR: <input>:1:10: undeclared reference to 'a' (in container '')\n | cel.bind(a, 1, a)\n | .........^\nERROR: <input>:1:16: undeclared reference to 'a' (in container '')\n | cel.bind(a, 1, a)\n | ...............^"],
  ['s.reverse() == s', "ERROR: <input>:1:10: found no matching overload for 'reverse' applied to 'string.()'\n | s.reverse() == s\n | .........^"],
  ['s.nope()', "ERROR: <input>:1:7: undeclared reference to 'nope' (in container '')\n | s.nope()\n | ......^"],
  ['s.size(1)', "ERROR: <input>:1:7: found no matching overload for 'size' applied to 'string.(int)'\n | s.size(1)\n | ......^"],
  ['n.foo', "ERROR: <input>:1:2: type 'int' does not support field selection\n | n.foo\n | .^"],
  ['1 +', "ERROR: <input>:1:4: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}\n | 1 +\n | ...^"],
  ['[1, "a"]', "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, \"a\"]\n | ....^"],
  ['s.matches("[")', 'ERROR: <input>:1:11: invalid matches argument\n | s.matches("[")\n | ..........^'],
  ['n.sort()', "ERROR: <input>:1:7: found no matching overload for 'sort' applied to 'int.()'\n | n.sort()\n | ......^"],
  ['l.flatten()', "ERROR: <input>:1:10: found no matching overload for 'flatten' applied to 'list(int).()'\n | l.flatten()\n | .........^"],
  ['n.all(i, true)', "ERROR: <input>:1:1: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | n.all(i, true)\n | ^"],
];
for (const [source, message] of WRONG) test(`${source} does not compile`, (t) => void t.throws(() => compile(source, environment), { message }));

test('an evaluation that costs too much ends, and no operator hides that', (t) => {
  const items = Array.from({ length: 1000 }, (_, i) => BigInt(i));
  const program = compile('true || true ? l.all(a, l.all(b, l.exists(c, a + b + c < 0) || true)) : true', environment);
  t.throws(() => program.evaluate({ ...VALUES, l: items }, { remaining: 10_000_000 }), { message: /actual cost limit exceeded/ });
});

/** What `k8s.io/apiserver` 0.36 takes for the same expressions. */
const COSTS: readonly (readonly [string, number])[] = [
  ['s in ["a", "text"]', 1], ['s.split("x") == ["te", "t"]', 3], ['l.map(i, i) == [1, 2, 3]', 42], ['l.slice(0, 2) == [1, 2]', 15], ['l.sort() == l', 32], ['l.reverse() == l', 17], ['lists.range(3) == [0, 1, 2]', 15], ['l.distinct() == l', 32],
];
for (const [source, cost] of COSTS) {
  test(`${source} costs ${cost}`, (t) => {
    const budget = { remaining: 1_000 };
    compile(source, extended).evaluate(VALUES, budget);
    t.is(1_000 - budget.remaining, cost);
  });
}

for (const source of ['l.distinct().size() > 0', 'l.sort().size() > 0', 'sets.equivalent(l, l)']) {
  test(`${source} is refused before it compares each of very many with each`, (t) => {
    const items = Array.from({ length: 200_000 }, (_, i) => BigInt(i));
    t.throws(() => compile(source, environment).evaluate({ ...VALUES, l: items }, { remaining: 10_000_000 }), { message: /actual cost limit exceeded/ });
  });
}
