/** The values of Go's enumerations. */
import type { GoConstant, Packages } from './go-source.ts';
import { type ApiPackage, API_PACKAGES } from './packages.ts';

export type EnumConstant = Pick<GoConstant, 'name' | 'doc'> & { readonly value: string };

/** The constants of a named type that is marked as an enumeration; undefined for other types, and where none is declared. */
export function enumConstants(type: string, { id }: ApiPackage, packages: Packages): readonly EnumConstant[] | undefined {
  const go = packages.get(id);
  if (go?.named.get(type)?.markers.has('enum') !== true) return undefined;
  return go.constants.get(type)?.map(({ name, doc, value, of }) => ({ name, doc, value: value ?? valueOf(of, id, packages) }));
}

function valueOf(constant: string | undefined, id: string, packages: Packages): string {
  const [prefix = '', name = ''] = constant?.split('.') ?? [];
  const path = packages.get(id)?.imports.get(prefix);
  const value = packages.get(API_PACKAGES.find((p) => p.path === path)?.id ?? '')?.constantValues.get(name);
  if (value === undefined) throw new Error(`${id}: unknown constant ${constant}`);
  return value;
}
