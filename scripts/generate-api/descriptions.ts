/** Reads what the doc comments of our own types say, for OpenAPI and `kubectl explain`. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Descriptions, PackageFacts, TypeDescription } from '#api/facts.ts';

export const OWN_TYPES = join(import.meta.dirname, '../../src/api/headway/v1');
const FACTS = join(OWN_TYPES, 'facts.json');
export const DESCRIPTIONS = join(OWN_TYPES, 'descriptions.json');

/** The text of `descriptions.json`; a test compares it with the file. */
export function ownDescriptions(): string {
  const facts = JSON.parse(readFileSync(FACTS, 'utf8')) as PackageFacts;
  const files = readdirSync(OWN_TYPES).filter((file) => file.endsWith('.ts')).sort();
  const read = Object.assign({}, ...files.map((file) => descriptionsOf(readFileSync(join(OWN_TYPES, file), 'utf8'), facts))) as Descriptions;
  return descriptionLines(Object.fromEntries(Object.keys(facts.types).flatMap((name) => (read[name] ? [[name, withTypes(name, facts, read)]] : []))));
}

/** A field about which nothing is said is what its type is. */
function withTypes(name: string, facts: PackageFacts, read: Descriptions): TypeDescription {
  const { description, fields = {} } = read[name] ?? {};
  const all: Record<string, string> = {};
  for (const field of Object.keys(facts.types[name]?.fields ?? {})) {
    const said = fields[field] ?? read[typeOf(facts, name, field)]?.description;
    if (said !== undefined) all[field] = said;
  }
  return { ...(description === undefined ? {} : { description }), ...(Object.keys(all).length > 0 ? { fields: all } : {}) };
}

/** One line a type. */
export const descriptionLines = (of: Descriptions): string =>
  `{\n${Object.entries(of).map(([name, description]) => `${JSON.stringify(name)}:${JSON.stringify(description)}`).join(',\n')}\n}\n`;

/** Of one file: exported interfaces, one member a line, and objects inside them under the name that the facts give to their type. */
export function descriptionsOf(source: string, facts: Pick<PackageFacts, 'id' | 'types'>): Descriptions {
  const found: Record<string, TypeDescription> = {};
  const open: string[] = [];
  let comment = '';
  let isInside = false;
  for (const line of source.split('\n')) {
    const text = line.trim();
    if (isInside || text.startsWith('/**')) {
      comment += ` ${text.replace(/\*\/$/, '').replace(/^\/?\*+/, '')}`;
      isInside = !text.endsWith('*/');
      continue;
    }
    const type = /^export interface (\w+)/.exec(line)?.[1];
    const member = /^ +readonly (\w+)\??:/.exec(line)?.[1];
    const owner = open.at(-1);
    const said = plain(comment);
    if (type !== undefined) {
      open.push(type);
      if (said !== '') found[type] = { ...found[type], description: said };
    } else if (member !== undefined && owner !== undefined) {
      if (said !== '') found[owner] = { ...found[owner], fields: { ...found[owner]?.fields, [member]: said } };
      if (text.endsWith('{')) open.push(typeOf(facts, owner, member));
    } else if (text.startsWith('}')) {
      open.pop();
    }
    comment = '';
  }
  return found;
}

const plain = (comment: string): string => comment.replaceAll(/\{@link ([^}]+)\}/g, '`$1`').replaceAll(/\s+/g, ' ').trim();

function typeOf({ id, types }: Pick<PackageFacts, 'id' | 'types'>, owner: string, member: string): string {
  const reference = types[owner]?.fields[member]?.type.replace(/^(?:\[\]|map\[\])+/, '') ?? '';
  return reference.startsWith(`${id}.`) ? reference.slice(id.length + 1) : '';
}
