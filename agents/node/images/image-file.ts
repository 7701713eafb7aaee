import { readFile, realpath, stat } from 'node:fs/promises';
import { HeadwayError, asError } from '#base/errors.ts';
import type { ImageConfig, ImageFile, ImageRecipe } from './oci-archive.ts';

/** An image.yaml does not say what an image needs; `data.field` is the path of the field at fault. */
export class InvalidImageFile extends HeadwayError<{ readonly field: string }> {
  readonly code = 'invalid-image-file';
  readonly isRetryable = false;
}

type Check = (value: unknown, field: string) => void;

const text: Check = (value, field) => expect(typeof value === 'string' && value !== '', field, 'must be a non-empty string');
const texts: Check = (value, field) => expect(Array.isArray(value) && value.every((v) => typeof v === 'string'), field, 'must be a list of strings');
const map: Check = (value, field) => expect(isRecord(value), field, 'must be a map');
const CONFIG_FIELDS: Readonly<Record<keyof ImageConfig, Check>> = {
  Entrypoint: texts, Cmd: texts, Env: texts, User: text, WorkingDir: text, ExposedPorts: map, Labels: map, StopSignal: text,
};
const PACKAGE_FOLDERS = ['/usr/', '/bin/', '/sbin/', '/lib/'];
const SOURCES = ['content', 'from', 'link', 'directory'] as const;

/**
 * Reads a decoded image.yaml: `name`, `files` (each with `path`, `mode`, and one of `content` (text), `from` (file of this
 * machine), `link` (target of a symbolic link), `directory: true`) and `config`, as clusters/README.md describes it.
 * Throws {@link InvalidImageFile}.
 */
export async function readImageFile(value: unknown): Promise<ImageRecipe> {
  expect(isRecord(value), '', 'must be a map');
  known(value, ['name', 'files', 'config'], '');
  text(value['name'], 'name');
  const name = value['name'] as string;
  expect(/^[a-z0-9.-]+\.[a-z0-9.-]+\/[a-z0-9._/-]+:[\w.-]+$/.test(name), 'name', 'must be a full reference such as headway.local/demo:1');
  const files = value['files'];
  expect(Array.isArray(files) && files.length > 0, 'files', 'must be a non-empty list');
  return { name, files: await Promise.all(files.map((file, i) => readFileEntry(file, `files[${i}]`))), config: readConfig(value['config']) };
}

function readConfig(value: unknown): ImageConfig {
  expect(isRecord(value), 'config', 'must be a map');
  known(value, Object.keys(CONFIG_FIELDS), 'config.');
  for (const [key, check] of Object.entries(CONFIG_FIELDS)) if (value[key] !== undefined) check(value[key], `config.${key}`);
  return value as ImageConfig;
}

async function readFileEntry(value: unknown, field: string): Promise<ImageFile> {
  expect(isRecord(value), field, 'must be a map');
  known(value, ['path', 'mode', ...SOURCES], `${field}.`);
  text(value['path'], `${field}.path`);
  const mode = value['mode'];
  expect(mode === undefined || (Number.isInteger(mode) && (mode as number) >= 0 && (mode as number) <= 0o7777), `${field}.mode`, 'must be permission bits such as 0755');
  const sources = SOURCES.filter((source) => value[source] !== undefined);
  const source = sources[0];
  expect(sources.length === 1 && source !== undefined, field, `must have exactly one of ${SOURCES.join(', ')}`);
  return { path: value['path'] as string, mode: mode as number | undefined, body: await readBody(source, value[source], `${field}.${source}`) };
}

async function readBody(source: (typeof SOURCES)[number], value: unknown, field: string): Promise<ImageFile['body']> {
  if (source === 'directory') {
    expect(value === true, field, 'must be true');
    return { type: 'directory' };
  }
  expect(typeof value === 'string', field, 'must be a string');
  if (source === 'content') return { type: 'file', content: Buffer.from(value) };
  return source === 'link' ? { type: 'symlink', target: value } : { type: 'file', content: await readHostFile(value, field) };
}

async function readHostFile(path: string, field: string): Promise<Buffer> {
  try {
    // Only what packages installed: whoever may commit must not be able to carry keys or other data of the machine into an image.
    const real = path.startsWith('/') ? await realpath(path) : path;
    expect(PACKAGE_FOLDERS.some((folder) => real.startsWith(folder)), field, `${path} must lie below ${PACKAGE_FOLDERS.join(' or ')}`);
    expect((await stat(real)).isFile(), field, `${path} must be a regular file`);
    return await readFile(real);
  } catch (error) {
    if (error instanceof InvalidImageFile) throw error;
    throw new InvalidImageFile(`${field}: ${asError(error).message}`, { field }, { cause: error });
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

function known(value: Readonly<Record<string, unknown>>, fields: readonly string[], prefix: string): void {
  for (const key of Object.keys(value)) expect(fields.includes(key), `${prefix}${key}`, `is not a field; known are ${fields.join(', ')}`);
}

function expect(condition: boolean, field: string, problem: string): asserts condition {
  if (!condition) throw new InvalidImageFile(`${field || 'image file'}: ${problem}`, { field });
}
