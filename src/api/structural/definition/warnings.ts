import type { CustomResourceDefinition } from '#api/generated/apiextensions/v1.ts';
import { effectiveFormat } from '../formats.ts';
import { isIntOrString, schemasIn } from '../schema-parts.ts';

/** What its author should know of an accepted definition: formats that are not checked. Those that `live` had are not told again. */
export function definitionWarnings(crd: CustomResourceDefinition, live?: CustomResourceDefinition): readonly string[] {
  const known = live === undefined ? [] : unknownFormats(live);
  return unknownFormats(crd).filter((format) => !known.includes(format)).map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function unknownFormats({ spec }: { readonly spec?: Partial<CustomResourceDefinition['spec']> | undefined }): readonly string[] {
  const formats = (spec?.versions ?? []).flatMap(({ schema }) => (schema?.openAPIV3Schema === undefined ? [] : [...schemasIn(schema.openAPIV3Schema)]))
    .filter((one) => one.format && effectiveFormat(isIntOrString(one) ? '' : one.type ?? '', one.format) === '').map(({ format = '' }) => format);
  return [...new Set(formats)];
}
