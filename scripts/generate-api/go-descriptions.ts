/** Kubernetes' own descriptions of one package's types and fields, as its OpenAPI has them. */
import type { Descriptions, TypeDescription } from '#api/facts.ts';
import { SCALARS } from './facts.ts';
import { descriptionOf } from './go-comments.ts';
import { type EnumConstant, enumConstants } from './go-enums.ts';
import type { GoField, GoPackage, GoStruct, Packages } from './go-source.ts';
import { type ApiPackage, API_PACKAGES } from './packages.ts';

interface Place {
  readonly api: ApiPackage;
  readonly packages: Packages;
}

export function goDescriptions(api: ApiPackage, packages: Packages): Descriptions {
  const structs = [...(packages.get(api.id)?.structs.values() ?? [])];
  return Object.fromEntries(structs.flatMap((struct) => {
    const description = descriptionOf(struct.doc);
    const fields = fieldsOf(struct, { api, packages });
    const found: TypeDescription = { ...(description === '' ? {} : { description }), ...(Object.keys(fields).length > 0 ? { fields } : {}) };
    return Object.keys(found).length > 0 ? [[struct.name, found]] : [];
  }));
}

/** Of types with a JSON form of their own, by the name of the scalar. */
export function scalarDescriptions(read: (path: string) => GoPackage): Descriptions {
  const declared = Object.entries(SCALARS).filter(([full, scalar]) => full.includes('.') && scalar !== 'string');
  return Object.fromEntries(declared.flatMap(([full, scalar]) => {
    const dot = full.lastIndexOf('.');
    const id = full.slice(0, dot);
    const go = read(API_PACKAGES.find((p) => p.id === id)?.path ?? id);
    const description = descriptionOf(go.structs.get(full.slice(dot + 1))?.doc ?? []);
    return description === '' ? [] : [[scalar, { description }]];
  }));
}

/** By JSON name; fields of embedded structs stand among the others, as in JSON, but for those that all kinds have. */
function fieldsOf(struct: GoStruct, place: Place): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const field of struct.fields) {
    const json = field.tags['json']?.split(',')[0];
    if (json === undefined || json === '-') continue;
    if (json === '' && !field.type.endsWith('TypeMeta')) Object.assign(fields, embedded(field, place));
    const description = json === '' ? '' : descriptionOf([...field.doc, ...enumLines(field, place)]);
    if (description !== '') fields[json] = description;
  }
  return fields;
}

function embedded(field: GoField, place: Place): Record<string, string> {
  const { go, api, name } = declarationOf(field.type, place);
  const struct = go?.structs.get(name);
  return struct && api ? fieldsOf(struct, { ...place, api }) : {};
}

function enumLines(field: GoField, place: Place): readonly string[] {
  const { api, name } = declarationOf(field.type, place);
  const values = new Map<string, EnumConstant>();
  for (const constant of (api && enumConstants(name, api, place.packages)) ?? []) {
    if (commentOf(constant).length > commentOf(values.get(constant.value)).length || !values.has(constant.value)) values.set(constant.value, constant);
  }
  const lines = [...values.values()].map((constant) => ` - \`${JSON.stringify(constant.value)}\` ${meaningOf(constant)}`.trimEnd());
  return lines.length === 0 ? [] : ['', 'Possible enum values:', ...lines.sort()];
}

const commentOf = (constant: EnumConstant | undefined): string => constant?.doc.join(' ').trim() ?? '';

/** Comments begin with the name of the constant, which no client knows. */
function meaningOf(constant: EnumConstant): string {
  const comment = commentOf(constant);
  return (comment.startsWith(constant.name) ? comment.slice(constant.name.length) : comment).trim().replaceAll(/\s+/g, ' ');
}

/** The package is undefined for types that no table has. */
function declarationOf(goType: string, { api, packages }: Place): { readonly go: GoPackage | undefined; readonly api: ApiPackage | undefined; readonly name: string } {
  const [name = '', prefix] = goType.replace(/^\*/, '').split('.').toReversed();
  const path = prefix === undefined ? undefined : packages.get(api.id)?.imports.get(prefix);
  const target = prefix === undefined ? api : API_PACKAGES.find((p) => p.path === path);
  return { go: target && packages.get(target.id), api: target, name };
}
