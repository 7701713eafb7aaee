import { stringify } from 'yaml';

/** As kubectl writes objects: members in the order of the alphabet, lists not indented, long lines not broken, no anchors. */
export const yamlOf = (object: object): string => stringify(object, { version: '1.1', lineWidth: 0, indentSeq: false, aliasDuplicateObjects: false, sortMapEntries: true });
