/**
 * Reads the declarations of one Go API package: structs with their tags and markers, named types, string constants.
 * It understands the subset of Go that Kubernetes' API packages are written in, gofmt-ed; anything else is an error.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface GoField {
  /** Go name, or the type's name for an embedded field. */
  readonly name: string;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly markers: Markers;
}
export interface GoStruct {
  readonly name: string;
  readonly fields: readonly GoField[];
  readonly markers: Markers;
}
export interface GoPackage {
  readonly imports: ReadonlyMap<string, string>;
  readonly structs: ReadonlyMap<string, GoStruct>;
  /** Named types that are no structs: name to the Go type behind it. */
  readonly named: ReadonlyMap<string, { readonly type: string; readonly markers: Markers }>;
  /** String constants by their named type. */
  readonly constants: ReadonlyMap<string, readonly string[]>;
  readonly constantValues: ReadonlyMap<string, string>;
}
/** `+name=value` comment markers; a marker that is repeated has several values. */
export type Markers = ReadonlyMap<string, readonly string[]>;

export function readGoPackage(directory: string): GoPackage {
  const files = readdirSync(directory).filter((f) => /^(types\w*|group_version|micro_time|time|duration)\.go$/.test(f));
  const result = {
    imports: new Map<string, string>(),
    structs: new Map<string, GoStruct>(),
    named: new Map<string, { type: string; markers: Markers }>(),
    constants: new Map<string, string[]>(),
    constantValues: new Map<string, string>(),
  };
  for (const file of files) readFile(readFileSync(join(directory, file), 'utf8').split('\n'), result);
  return result;
}

type Mutable = {
  imports: Map<string, string>;
  structs: Map<string, GoStruct>;
  named: Map<string, { type: string; markers: Markers }>;
  constants: Map<string, string[]>;
  constantValues: Map<string, string>;
};

function readFile(lines: readonly string[], out: Mutable): void {
  let comments: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const trimmed = line.trim();
    if (trimmed.startsWith('//')) {
      comments.push(trimmed.slice(2).trim());
      continue;
    }
    const imported = /^\s+(?:(\w+)\s+)?"([\w./-]+)"$/.exec(line);
    if (imported?.[2]) out.imports.set(imported[1] ?? imported[2].split('/').at(-1) ?? '', imported[2]);
    const struct = /^type (\w+) struct ?\{(\})?$/.exec(line);
    const named = /^type (\w+) (?!struct\b|interface\b|func\b)(=\s*)?([\w.[\]*]+)$/.exec(line);
    const constant = /^(?:const)?\s*(\w+)(?:\s+(\w+))?\s*=\s*"([^"]*)"/.exec(trimmed.replace(/^const\s+/, ''));
    if (struct?.[1]) {
      const end = struct[2] ? i : lines.indexOf('}', i);
      out.structs.set(struct[1], {
        name: struct[1],
        markers: markersOf(comments),
        fields: readFields(lines.slice(i + 1, end)),
      });
      i = end;
    } else if (named?.[1] && named[3]) {
      out.named.set(named[1], { type: named[3], markers: markersOf(comments) });
    } else if (constant?.[1] && constant[3] !== undefined) {
      out.constantValues.set(constant[1], constant[3]);
      if (constant[2]) out.constants.set(constant[2], [...(out.constants.get(constant[2]) ?? []), constant[3]]);
    }
    // Markers stand above a type, sometimes with one blank line (a second comment block) in between.
    if (trimmed !== '') comments = [];
  }
}

function readFields(lines: readonly string[]): GoField[] {
  const fields: GoField[] = [];
  let comments: string[] = [];
  for (const line of lines) {
    const trimmed = line.trim();
    if (trimmed.startsWith('//')) comments.push(trimmed.slice(2).trim());
    const match = /^(?:(\w+)\s+)?([\w.[\]*]+)\s+`([^`]*)`/.exec(trimmed);
    if (match?.[2] && !trimmed.startsWith('//')) {
      const type = match[2];
      fields.push({
        name: match[1] ?? type.replace(/^.*\./, ''),
        type,
        tags: readTags(match[3] ?? ''),
        markers: markersOf(comments),
      });
    }
    if (!trimmed.startsWith('//') && trimmed !== '') comments = [];
  }
  return fields;
}

const readTags = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+):"([^"]*)"/g)].map((m) => [m[1] ?? '', m[2] ?? '']));

function markersOf(comments: readonly string[]): Markers {
  const markers = new Map<string, string[]>();
  for (const comment of comments) {
    const match = /^\+([\w:.]+)(?:=(.*))?$/.exec(comment);
    if (match?.[1]) markers.set(match[1], [...(markers.get(match[1]) ?? []), match[2] ?? '']);
  }
  return markers;
}
