/**
 * Reads the declarations of one Go API package: structs with their tags and markers, named types, string constants.
 * It understands the subset of Go that Kubernetes' API packages are written in, gofmt-ed; anything else is an error.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommentsAbove } from './go-comments.ts';

/** What stands above a declaration. */
export interface GoCommented {
  readonly markers: Markers;
  /** The lines of the comment that touches the declaration. */
  readonly doc: readonly string[];
}
export interface GoField extends GoCommented {
  /** Go name, or the type's name for an embedded field. */
  readonly name: string;
  readonly type: string;
  readonly tags: Readonly<Record<string, string>>;
}
export interface GoStruct extends GoCommented {
  readonly name: string;
  readonly fields: readonly GoField[];
}
/** A named type that is no struct. */
export interface GoNamed extends GoCommented {
  /** The Go type behind it. */
  readonly type: string;
}
export interface GoConstant {
  readonly name: string;
  /** Undefined when it stands for a constant of another package. */
  readonly value?: string;
  /** That constant, as `v1.IPv4Protocol`. */
  readonly of?: string;
  readonly doc: readonly string[];
}
export interface GoPackage {
  readonly imports: ReadonlyMap<string, string>;
  readonly structs: ReadonlyMap<string, GoStruct>;
  readonly named: ReadonlyMap<string, GoNamed>;
  /** String constants by their named type. */
  readonly constants: ReadonlyMap<string, readonly GoConstant[]>;
  readonly constantValues: ReadonlyMap<string, string>;
}
/** By the ids of the table of packages. */
export type Packages = ReadonlyMap<string, GoPackage>;
/** `+name=value` comment markers; a marker that is repeated has several values. */
export type Markers = ReadonlyMap<string, readonly string[]>;

export function readGoPackage(directory: string): GoPackage {
  const files = readdirSync(directory).filter((f) => /^(types\w*|group_version|watch|micro_time|time|duration|fieldsv1_string|quantity|intstr)\.go$/.test(f));
  const result = {
    imports: new Map<string, string>(),
    structs: new Map<string, GoStruct>(),
    named: new Map<string, GoNamed>(),
    constants: new Map<string, GoConstant[]>(),
    constantValues: new Map<string, string>(),
  };
  for (const file of files) readFile(readFileSync(join(directory, file), 'utf8').split('\n'), result);
  return result;
}

type Mutable = {
  imports: Map<string, string>;
  structs: Map<string, GoStruct>;
  named: Map<string, GoNamed>;
  constants: Map<string, GoConstant[]>;
  constantValues: Map<string, string>;
};

function readFile(lines: readonly string[], out: Mutable): void {
  const comments = new CommentsAbove();
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? '';
    const trimmed = line.trim();
    if (comments.take(trimmed)) continue;
    const imported = /^\s+(?:(\w+)\s+)?"([\w./-]+)"$/.exec(line);
    if (imported?.[2]) out.imports.set(imported[1] ?? imported[2].split('/').at(-1) ?? '', imported[2]);
    const struct = /^type (\w+) struct ?\{(\})?$/.exec(line);
    const named = /^type (\w+) (?!struct\b|interface\b|func\b)(=\s*)?([\w.[\]*]+)$/.exec(line);
    const constant = constantIn(trimmed.replace(/^const\s+/, ''));
    if (struct?.[1]) {
      const end = struct[2] ? i : lines.indexOf('}', i);
      out.structs.set(struct[1], {
        name: struct[1],
        ...commentsOf(comments),
        fields: readFields(lines.slice(i + 1, end)),
      });
      i = end;
    } else if (named?.[1] && named[3]) {
      out.named.set(named[1], { type: named[3], ...commentsOf(comments) });
    } else if (constant) {
      const { type, ...named } = constant;
      if (named.value !== undefined) out.constantValues.set(named.name, named.value);
      if (type) out.constants.set(type, [...(out.constants.get(type) ?? []), { ...named, doc: comments.doc }]);
    }
    comments.endLine(trimmed);
  }
}

type Constant = Omit<GoConstant, 'doc'> & { readonly type?: string | undefined };

/** `A Type = "a"`, `A = "a"`, `A = Type("a")` or `A = Type(v1.A)`. */
function constantIn(line: string): Constant | undefined {
  const [, name, type, value] = /^(\w+)(?:\s+(\w+))?\s*=\s*"([^"]*)"/.exec(line) ?? [];
  if (name !== undefined && value !== undefined) return { name, type, value };
  const [, converted, into, text, of] = /^(\w+)\s*=\s*(\w+)\((?:"([^"]*)"|(\w+\.\w+))\)$/.exec(line) ?? [];
  if (converted === undefined) return undefined;
  return { name: converted, type: into, ...(text === undefined ? {} : { value: text }), ...(of === undefined ? {} : { of }) };
}

function readFields(lines: readonly string[]): GoField[] {
  const fields: GoField[] = [];
  const comments = new CommentsAbove();
  for (const line of lines) {
    const trimmed = line.trim();
    if (comments.take(trimmed)) continue;
    const match = /^(?:(\w+)\s+)?([\w.[\]*]+)\s+`([^`]*)`/.exec(trimmed);
    if (match?.[2]) {
      const type = match[2];
      fields.push({
        name: match[1] ?? type.replace(/^.*\./, ''),
        type,
        tags: readTags(match[3] ?? ''),
        ...commentsOf(comments),
      });
    }
    comments.endLine(trimmed);
  }
  return fields;
}

const readTags = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/(\w+):"([^"]*)"/g)].map((m) => [m[1] ?? '', m[2] ?? '']));

const commentsOf = ({ all, doc }: CommentsAbove): GoCommented => ({ markers: markersOf(all), doc });

function markersOf(comments: readonly string[]): Markers {
  const markers = new Map<string, string[]>();
  for (const comment of comments) {
    const match = /^\+([\w:.]+)(?:=(.*))?$/.exec(comment);
    if (match?.[1]) markers.set(match[1], [...(markers.get(match[1]) ?? []), match[2] ?? '']);
  }
  return markers;
}
