import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptions, TypeDescription, TypeReference } from '#api/facts.ts';
import { OWN_PACKAGE } from '#api/schema.ts';
import { INSTALLATION } from '#base/installation.ts';

const NOTHING: TypeDescription = {};

/**
 * What is said of types and fields, for people: only OpenAPI shows it. A reader keeps what it has read, close to a megabyte; so make one for
 * the documents that are built together, and let it go with them.
 */
export class DescriptionReader {
  readonly #files = new Map<string, Descriptions>();

  /** Of a struct or of a scalar; empty when nothing is said. */
  of(reference: TypeReference): TypeDescription {
    const dot = reference.indexOf('.');
    const file = fileOf(dot < 0 ? 'scalars' : reference.slice(0, dot));
    let read = this.#files.get(file);
    if (read === undefined) this.#files.set(file, (read = JSON.parse(readFileSync(join(INSTALLATION, 'src/api', file), 'utf8')) as Descriptions));
    return read[reference.slice(dot + 1)] ?? NOTHING;
  }
}

const fileOf = (id: string): string => (id === OWN_PACKAGE ? `${id}/descriptions.json` : `generated/${id}.descriptions.json`);
