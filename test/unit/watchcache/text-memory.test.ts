import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { silentLogger } from '#base/logger.ts';
import { TextMemory, type Segment, type TextHolder } from '#watchcache/text-memory.ts';
import { temporaryDirectory } from '#test/support/temporary-directory.ts';

const MEGABYTE = 1024 * 1024;

class Text implements TextHolder {
  readonly size: number;
  readonly was: Buffer;
  segment: Segment | undefined;
  #start = 0;
  #bytes: Buffer | undefined;

  constructor(letter: string, size: number) {
    this.was = Buffer.alloc(size, letter);
    this.#bytes = this.was;
    this.size = size;
  }

  get text(): Buffer {
    return this.#bytes ?? this.segment?.file.read(this.#start, this.size) ?? Buffer.alloc(0);
  }

  spill(segment: Segment, start: number): void {
    this.segment = segment;
    this.#start = start;
    this.#bytes = undefined;
  }

  recall(): void {
    this.#bytes = this.text;
    this.segment = undefined;
  }
}

const textsOf = (count: number, size: number): Text[] => Array.from({ length: count }, (_, i) => new Text(String.fromCharCode(97 + (i % 26)), size));
const memoryOf = (directory = temporaryDirectory('texts'), size = 4 * MEGABYTE): TextMemory => new TextMemory({ directory, size, log: silentLogger });
const inFiles = (texts: readonly Text[]): boolean[] => texts.map(({ segment }) => segment !== undefined);

test('the oldest go to a file, and read as they were', (t) => {
  const memory = memoryOf();
  const texts = textsOf(6, MEGABYTE);
  for (const text of texts) memory.add(text);
  t.deepEqual(inFiles(texts), [true, true, false, false, false, false]);
  for (const { text, was } of texts) t.true(text.equals(was));
});

test('what was replaced before its turn is not written', (t) => {
  const memory = memoryOf();
  const texts = textsOf(6, MEGABYTE);
  for (const text of texts) {
    memory.add(text);
    memory.remove(text);
  }
  t.deepEqual(new Set(inFiles(texts)), new Set([false]));
});

test('a file of which half is of the past is given up: the rest comes back and grows old again', (t) => {
  const memory = memoryOf();
  const texts = textsOf(12, MEGABYTE / 2);
  for (const text of texts) memory.add(text);
  const [first, second, third, fourth] = texts as [Text, Text, Text, Text];
  t.deepEqual(inFiles(texts).indexOf(false), 4);
  memory.remove(first);
  t.truthy(third.segment);
  memory.remove(second);
  t.deepEqual(inFiles([first, second, third, fourth]), [true, true, false, false]);
  for (const { text, was } of texts) t.true(text.equals(was), 'also of the past, as long as somebody has it');
});

test('files have no names, so that none is left behind', (t) => {
  const directory = temporaryDirectory('texts');
  const texts = textsOf(6, MEGABYTE);
  const memory = memoryOf(directory);
  for (const text of texts) memory.add(text);
  t.truthy(texts[0]?.segment);
  t.deepEqual(readdirSync(directory), []);
  const open = readdirSync('/proc/self/fd').map((descriptor) => { try { return readlinkSync(`/proc/self/fd/${descriptor}`); } catch { return ''; } });
  t.true(open.some((path) => path.startsWith(directory) && path.endsWith('(deleted)')));
});

test('where nothing can be written, all stay in memory and are tried again later', (t) => {
  const warnings: string[] = [];
  const directory = join(temporaryDirectory('texts'), 'absent');
  const memory = new TextMemory({ directory, size: 4 * MEGABYTE, log: { ...silentLogger, warn: (message: string) => void warnings.push(message) } });
  const texts = textsOf(8, MEGABYTE);
  for (const text of texts) memory.add(text);
  t.deepEqual(new Set(inFiles(texts)), new Set([false]));
  t.is(warnings.length, 2);
  for (const { text, was } of texts) t.true(text.equals(was));
});
